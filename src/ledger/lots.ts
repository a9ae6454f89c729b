import { type RawBuilder, sql } from 'kysely';
import type { LotSource } from '../core/lots.ts';
import type { Db } from '../lib/database.ts';

/** What it takes to name a lot. */
export interface NamedLot {
  number: number;
  /** The entry that granted it. */
  entry_seq: bigint;
  source: LotSource;
  /** What was said of it when it was granted: the package that was bought. */
  description: string | null;
  available_micro: bigint;
  granted_at: Date;
  expires_at: Date | null;
  operations: string[] | null;
}

/**
 * Lots of a wallet by their numbers.
 * @param numbers or a query for them
 */
export async function lotsByNumber(
  db: Db,
  walletId: string,
  numbers: readonly number[] | RawBuilder<number>,
): Promise<Map<number, NamedLot>> {
  if ('length' in numbers && numbers.length === 0) return new Map();
  const found = await selectLots(db, walletId)
    .where('l.number', '=', sql<number>`any(${numbers})`)
    .execute();
  return new Map(found.map((lot) => [lot.number, lot]));
}

export function selectLots(db: Db, walletId: string) {
  return db
    .selectFrom('lots as l')
    .leftJoin('entry_details as d', (join) =>
      join.onRef('d.wallet_id', '=', 'l.wallet_id').onRef('d.seq', '=', 'l.entry_seq'),
    )
    .select(['l.number', 'l.entry_seq', 'l.source', 'l.available as available_micro'])
    .select(['l.granted_at', 'l.expires_at', 'l.operations', 'd.description'])
    .where('l.wallet_id', '=', walletId);
}
