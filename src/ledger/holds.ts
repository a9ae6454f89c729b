import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';

/** The version of the price rule by which a hold was made; undefined when the wallet has no such hold. */
export async function ruleOfHold(
  db: Db,
  walletId: string,
  holdId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('holds as h')
    .innerJoin('entries as e', (join) =>
      join.onRef('e.wallet_id', '=', 'h.wallet_id').onRef('e.seq', '=', 'h.entry_seq'),
    )
    .select(sql<string>`e.lines->0->>'rule'`.as('rule'))
    .where('h.wallet_id', '=', walletId)
    .where('h.id', '=', holdId)
    .executeTakeFirst();
  return row?.rule;
}
