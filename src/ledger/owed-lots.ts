import { sql } from 'kysely';
import type { LotSource } from '../core/lots.ts';
import type { Db } from '../lib/database.ts';

/** A lot of a live wallet that cost something and of which something is left. */
export interface OwedLot {
  wallet_id: string;
  number: number;
  workspace_id: string;
  workspace: string;
  external_id: string | null;
  source: LotSource;
  granted_at: Date;
  expires_at: Date | null;
  payment_id: string | null;
  granted: bigint;
  /** Available and held. */
  remaining: bigint;
  cost_minor: bigint;
  /** What is owed for the rest: of the cost, what nothing else has become of yet. */
  owed_minor: bigint;
  currency: string;
}

const ROWS_AT_ONCE = 1_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** All of them as they are now, by wallet, some at a time. */
export async function* owedLots(db: Db): AsyncGenerator<OwedLot[]> {
  let after = { wallet_id: FIRST_ID, number: 0 };
  for (;;) {
    const { rows } = await sql<OwedLot>`
      select l.wallet_id, l.number, l.workspace_id, s.name as workspace, s.external_id, l.source,
        l.granted_at, l.expires_at, l.payment_id, l.granted, l.available + l.held as remaining,
        l.cost_minor, l.cost_minor - div(l.cost_minor::numeric
          * (l.granted - l.available - l.held), l.granted)::int8 as owed_minor, l.currency
      from lots l join wallets w on w.id = l.wallet_id and w.livemode
      join workspaces s on s.id = l.workspace_id
      where l.open and l.cost_minor > 0
        and (l.wallet_id, l.number) > (${after.wallet_id}, ${after.number})
      order by l.wallet_id, l.number limit ${ROWS_AT_ONCE}`.execute(db);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_ONCE) return;
    after = last;
  }
}
