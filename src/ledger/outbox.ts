import { sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { LotSource } from '../core/lots.ts';
import type { News } from '../core/news.ts';
import type { Crossing } from '../core/thresholds.ts';
import type { Db, Trx } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';

/** Something that was written into the outbox with the entry that it is about, and is handed on once. */
export interface OutboxMessage {
  wallet_id: string;
  workspace_id: string;
  slug: string;
  /** What the product calls its customer. */
  external_id: string | null;
  livemode: boolean;
  kind: Crossing['kind'] | News | 'expiring_soon';
  /** What a crossing says of itself, whole numbers as strings; of news nothing. */
  payload: unknown;
  at: Instant;
  entry: {
    seq: bigint;
    kind: string;
    amount: bigint;
    operation: string | null;
    parent_seq: bigint | null;
    payment_id: string | null;
    available_after: bigint;
    held_after: bigint;
    debt_after: bigint;
    /** Of a hold that lapsed. */
    hold_id: string | null;
  };
  /** What it moved, by lot; what it moved of the wallet's debt is left out. */
  lots: readonly MovedLot[];
}

export interface MovedLot {
  number: number;
  source: LotSource;
  expires_at: Instant | null;
  amount: bigint;
  /** The bucket's letter. */
  to: string;
}

type Row = Omit<OutboxMessage, 'entry' | 'lots'> & OutboxMessage['entry'] & { entry_kind: string };

/**
 * Takes messages out of the outbox, in the transaction in which somebody keeps what they say: they
 * are handed on, or are still there. Several at once take different ones.
 * @param trx as the ledger
 */
export async function takeFromOutbox(trx: Trx, most: number): Promise<OutboxMessage[]> {
  const { rows } = await sql<Row>`
    with waiting as materialized (
      select wallet_id, seq, kind from ledger_outbox limit ${most} for update skip locked
    ), taken as (
      delete from ledger_outbox o using waiting
      where o.wallet_id = waiting.wallet_id and o.seq = waiting.seq and o.kind = waiting.kind
      returning o.wallet_id, o.seq, o.kind, o.payload, o.created_at
    )
    select t.wallet_id, t.kind, t.payload, ${sql.raw(microsecondsOf('t.created_at'))} as at,
      w.workspace_id, w.livemode, s.slug, s.external_id,
      t.seq, e.kind as entry_kind, e.amount, e.operation, e.parent_seq, e.payment_id,
      e.available_after, e.held_after, e.debt_after,
      case when t.kind = 'hold_expired' then substr(e.key, length('hold ') + 1) end as hold_id
    from taken t
    join entries e on e.wallet_id = t.wallet_id and e.seq = t.seq
    join wallets w on w.id = t.wallet_id
    join workspaces s on s.id = w.workspace_id
    order by t.created_at, t.wallet_id, t.seq, t.kind`.execute(trx);
  const lots = await movedLots(trx, rows);
  return rows.map(({ entry_kind, ...row }) => ({
    ...row,
    entry: { ...row, kind: entry_kind },
    lots: lots.get(`${row.wallet_id} ${row.seq}`) ?? [],
  }));
}

async function movedLots(trx: Trx, rows: readonly Row[]): Promise<Map<string, MovedLot[]>> {
  if (rows.length === 0) return new Map();
  const moved = await sql<MovedLot & { wallet_id: string; seq: bigint }>`
    select e.wallet_id, e.seq, l.number, l.source, leg.amount, leg."to"::text,
      ${sql.raw(microsecondsOf('l.expires_at'))} as expires_at
    from (
      select distinct wallet_id, seq
      from unnest(${rows.map((row) => row.wallet_id)}::uuid[], ${rows.map((row) => row.seq)}::int8[])
        as t(wallet_id, seq)
    ) named
    join entries e on e.wallet_id = named.wallet_id and e.seq = named.seq
    cross join unnest(e.leg_lots, e.leg_to, e.leg_amounts) as leg(lot, "to", amount)
    join lots l on l.wallet_id = e.wallet_id and l.number = leg.lot
    order by l.number`.execute(trx);
  return Map.groupBy(moved.rows, (row) => `${row.wallet_id} ${row.seq}`);
}

/**
 * Writes into the outbox which lots expire until a moment and still have something to spend. Each is
 * told of once, when that moment comes: a lot that is granted with less time left is not, since its
 * grant says when it expires. Several at once are safe.
 * @param db as the ledger
 */
export async function tellExpiring(db: Db, until: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const progress = await trx
      .selectFrom('ledger_progress')
      .select('done_until')
      .where('task', '=', 'expiring')
      .forUpdate()
      .executeTakeFirstOrThrow();
    const from = progress.done_until ?? new Date();
    if (from >= until) return;
    await sql`
      insert into ledger_outbox (wallet_id, seq, kind, workspace_id, payload, created_at)
      select wallet_id, entry_seq, 'expiring_soon', workspace_id,
        jsonb_build_object('lots', jsonb_agg(jsonb_build_object('number', number,
          'amount', available::text, 'source', source,
          'expires_at', (${sql.raw(microsecondsOf('expires_at'))})::text) order by number)), now()
      from lots
      where open and expires_at > ${from} and expires_at <= ${until} and available > 0
      group by wallet_id, entry_seq, workspace_id
      on conflict (wallet_id, seq, kind) do nothing`.execute(trx);
    await trx
      .updateTable('ledger_progress')
      .set({ done_until: until })
      .where('task', '=', 'expiring')
      .execute();
  });
}
