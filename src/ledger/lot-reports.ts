import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { LotSource } from '../core/lots.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';
import { type ReadEntry, entriesBySeq } from './entries.ts';
import type { NamedLot } from './lots.ts';

/**
 * A lot and what became of it by now: a lot that is due is shown as expired, and what a lapsed hold
 * had pinned as given back, whether or not their entries are written. What was granted is always the
 * sum of the five amounts after it.
 */
export interface LotReport extends NamedLot {
  granted_micro: bigint;
  held_micro: bigint;
  consumed_micro: bigint;
  expired_micro: bigint;
  /** Clawed back, sent to another wallet or taken away. */
  removed_micro: bigint;
  /** What was paid for it, net of tax. */
  cost_minor: bigint;
  currency: string | null;
  payment_id: string | null;
  /** Both to the microsecond. */
  exact: { granted_at: Instant; expires_at: Instant | null };
}

export interface LotCursor {
  /** Only lots with a lower number, for the page after the one that ended with it. */
  before?: number | undefined;
  limit: number;
  source?: LotSource | undefined;
  payment_id?: string | undefined;
}

/**
 * A page of all of a wallet's lots, the newest first. Bounded by the lots of the page, and once more
 * by the holds that have lapsed; with a source, by the lots that are passed over to find as many.
 */
export async function lotPage(
  db: Db,
  walletId: string,
  page: LotCursor,
): Promise<{ lots: LotReport[]; has_older: boolean }> {
  const { before, source, payment_id, limit } = page;
  const lots = await lotReports(
    db,
    walletId,
    sql`${before === undefined ? sql`` : sql`and l.number < ${before}`}
      ${source === undefined ? sql`` : sql`and l.source = ${source}`}
      ${payment_id === undefined ? sql`` : sql`and l.payment_id = ${payment_id}`}
      order by l.number desc limit ${limit + 1}`,
  );
  return { lots: lots.slice(0, limit), has_older: lots.length > limit };
}

/** One lot by its number in the wallet. */
export async function lotReport(
  db: Db,
  walletId: string,
  number: number,
): Promise<LotReport | undefined> {
  const [lot] = await lotReports(db, walletId, sql`and l.number = ${number}`);
  return lot;
}

/** What one operation could spend now: lots that are limited to other operations do not count. */
export async function availableForOperation(
  db: Db,
  walletId: string,
  operation: string,
): Promise<bigint> {
  const found = await sql<{ available: bigint }>`
    with ${lapsedByLot(walletId)}
    select coalesce(sum(l.available + coalesce(lapsed.amount, 0)), 0)::int8 as available
    from lots l left join lapsed on lapsed.number = l.number
    where l.wallet_id = ${walletId} and l.open and (l.expires_at is null or l.expires_at > now())
      and (l.operations is null or ${operation} = any(l.operations))`.execute(db);
  return found.rows[0]?.available ?? 0n;
}

/** One event in the life of a lot. */
export interface LotEvent {
  entry: ReadEntry;
  /** What it moved of this lot; none where it concerns the lot and moved only debt. */
  legs: ReadEntry['legs'];
}

/** Entries have no index by lot: a page looks through so many and no more. */
const STORY_ENTRIES_MAX = 2_000;

/**
 * What happened to a lot, from its grant on: entries with legs of it, and those that are about it
 * and move debt, such as the clawback of what was spent. A page has at most `limit` of them and may have fewer, or
 * none, before the last: `next` is where the story goes on, and undefined at its end.
 */
export async function lotStory(
  db: Db,
  walletId: string,
  lot: Pick<LotReport, 'number' | 'entry_seq'>,
  { after = lot.entry_seq - 1n, limit }: { after?: bigint | undefined; limit: number },
): Promise<{ events: LotEvent[]; next: bigint | undefined }> {
  const end = after + BigInt(STORY_ENTRIES_MAX);
  const found = await sql<{ seq: bigint | null; last_seq: bigint }>`
    select e.seq, w.last_seq from wallets w left join lateral (
      select seq from entries
      where wallet_id = w.id and seq > ${after} and seq <= ${end}
        and (${lot.number} = any(leg_lots)
          or parent_seq = ${lot.entry_seq} and leg_lots <@ '{0}'::int4[])
      order by seq limit ${limit}
    ) e on true
    where w.id = ${walletId} order by e.seq`.execute(db);
  const seqs = found.rows.flatMap(({ seq }) => seq ?? []);
  const entries = await entriesBySeq(db, walletId, seqs);
  const reached = seqs.length === limit ? (seqs.at(-1) ?? end) : end;
  return {
    events: entries.map((entry) => {
      return { entry, legs: entry.legs.filter((leg) => leg.lot === lot.number) };
    }),
    next: reached < (found.rows[0]?.last_seq ?? 0n) ? reached : undefined,
  };
}

async function lotReports(
  db: Db,
  walletId: string,
  which: RawBuilder<unknown>,
): Promise<LotReport[]> {
  const found = await sql<
    Omit<LotReport, 'exact'> & { granted_micros: Instant; expires_micros: Instant | null }
  >`
    with ${lapsedByLot(walletId)}
    select l.number, l.entry_seq, l.source, d.description, l.granted_at, l.expires_at, l.operations,
      l.granted as granted_micro, l.consumed as consumed_micro, l.removed as removed_micro,
      case when now.is_over then 0 else l.available + now.back end as available_micro,
      l.held - now.back as held_micro,
      l.expired + case when now.is_over then l.available + now.back else 0 end as expired_micro,
      l.cost_minor, l.currency, l.payment_id,
      ${sql.raw(microsecondsOf('l.granted_at'))} as granted_micros,
      ${sql.raw(microsecondsOf('l.expires_at'))} as expires_micros
    from lots l
    left join entry_details d on d.wallet_id = l.wallet_id and d.seq = l.entry_seq
    left join lapsed on lapsed.number = l.number
    cross join lateral (select coalesce(l.expires_at <= now(), false) as is_over,
      coalesce(lapsed.amount, 0) as back) now
    where l.wallet_id = ${walletId} ${which}`.execute(db);
  return found.rows.map(({ granted_micros, expires_micros, ...lot }) => {
    return { ...lot, exact: { granted_at: granted_micros, expires_at: expires_micros } };
  });
}

/** What holds that have lapsed still pin of each lot; nothing is read while nothing is due. */
function lapsedByLot(walletId: string): RawBuilder<unknown> {
  return sql`lapsed as materialized (
    select p.lot_number as number, sum(p.amount - p.captured - p.released)::int8 as amount
    from wallets w
    join holds h on h.wallet_id = w.id and h.open and h.expires_at <= now()
    join hold_lots p on p.wallet_id = h.wallet_id and p.hold_id = h.id
    where w.id = ${walletId} and w.next_due_at <= now()
    group by p.lot_number
  )`;
}
