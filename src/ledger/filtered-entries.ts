import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { timestampOf } from './arrays.ts';
import { type EntryPage, type ReadEntry, entriesBySeq } from './entries.ts';
import { GROUPED, WITH_ROOT, quarterHourOf } from './rollups/fold.ts';
import { type UsageFilter, matching } from './rollups/used.ts';

/** Which entries of a wallet: by whose usage they are, their kinds, and when they happened. */
export interface EntryFilter extends UsageFilter {
  kinds?: readonly EntryKind[] | undefined;
  /** By when callers say that it happened; on a quarter hour, as days begin in any zone. */
  from?: Instant | undefined;
  /** Not included. */
  to?: Instant | undefined;
}

/** As `EntryCursor`: entry numbers that the page ends beneath or begins above. */
export interface FilteredCursor {
  before?: bigint | undefined;
  after?: bigint | undefined;
  limit: number;
}

/**
 * A page of those entries of a wallet that a filter lets through, newest first. Rollups tell in
 * which quarter hours there are any, and between which numbers: each gives at least one, so that a
 * page reads few entries however rare they are. Entries that are not rolled up are looked through.
 */
export async function filteredPage(
  db: Db,
  walletId: string,
  filter: EntryFilter,
  cursor: FilteredCursor,
): Promise<EntryPage> {
  const upwards = cursor.after !== undefined;
  const seqs = await filteredSeqs(db, walletId, filter, { ...cursor, limit: cursor.limit + 1 });
  const more = seqs.length > cursor.limit;
  const entries = await entriesBySeq(db, walletId, seqs.slice(0, cursor.limit));
  entries.reverse();
  return {
    entries,
    has_older: upwards || more,
    has_newer: upwards ? more : cursor.before !== undefined,
  };
}

/** All entries that a filter lets through, newest first, a page at a time. */
export async function* filteredEntries(
  walletId: string,
  filter: EntryFilter,
  {
    limit,
    read,
  }: { limit: number; read: <Result>(work: (db: Db) => Promise<Result>) => Promise<Result> },
): AsyncGenerator<ReadEntry[]> {
  for (let before: bigint | undefined; ;) {
    const at = before;
    const page = await read((db) => filteredPage(db, walletId, filter, { before: at, limit }));
    if (page.entries.length > 0) yield page.entries;
    before = page.entries.at(-1)?.seq;
    if (!page.has_older || before === undefined) return;
  }
}

/** Beyond all numbers of entries. */
const LAST_SEQ = 2n ** 62n;

async function filteredSeqs(
  db: Db,
  walletId: string,
  filter: EntryFilter,
  { before = LAST_SEQ, after, limit }: FilteredCursor,
): Promise<bigint[]> {
  const upwards = after !== undefined;
  const order = sql.raw(upwards ? 'asc' : 'desc');
  const above = after ?? 0n;
  const quarterHourAt = (seq: bigint) => sql`(
    select ${quarterHourOf('entries.at')} from entries where wallet_id = ${walletId} and seq = ${seq})`;
  const { rows } = await sql<{ seq: bigint }>`
    with reach as materialized (
      select coalesce(p.forgotten_seq, 0) as forgotten_seq, coalesce(p.last_seq, 0) as rolled_seq,
        w.last_seq
      from wallets w left join rollup_progress p on p.wallet_id = w.id where w.id = ${walletId}
    ), rolled as (
      select quarter_hour, min(first_seq) as first_seq, max(last_seq) as last_seq,
        sum(entry_count) as entry_count
      from ${sql.table(filter.on_behalf_of === undefined ? 'entry_rollups' : 'customer_rollups')}
      where wallet_id = ${walletId} and first_seq < ${before} and last_seq > ${above}
        and quarter_hour between coalesce(${quarterHourAt(above)}, '-infinity')
          and coalesce(${quarterHourAt(before)}, 'infinity')
        and ${matching(filter)} and ${happened('occurred_quarter_hour', filter)}
        and ${ofKind('kind', filter)}
      group by quarter_hour order by quarter_hour ${order} limit ${limit}
    ), counted as materialized (
      -- Of the first one only one entry is sure to be on this side of the cursor.
      select first_seq, last_seq, 1 - first_value(entry_count) over place
        + sum(entry_count) over place as sure, entry_count
      from rolled window place as (order by quarter_hour ${order})
    ), span as (
      select first_seq, last_seq from counted where sure - entry_count < ${limit}
      union all select rolled_seq + 1, last_seq from reach where last_seq > rolled_seq
      union all select 1, forgotten_seq from reach where forgotten_seq > ${above}
        and (${upwards} or coalesce((select max(sure) from counted), 0) < ${limit})
    )
    select found.seq from span cross join lateral (
      select e.seq from entries e ${needsRoot(filter) ? WITH_ROOT : sql``}
      where e.wallet_id = ${walletId} and e.seq between greatest(span.first_seq, ${above}::int8 + 1)
          and least(span.last_seq, ${before}::int8 - 1)
        and ${ofEntry(filter)} and ${happened('coalesce(e.occurred_at, e.at)', filter)}
        and ${ofKind('e.kind', filter)}
      order by e.seq ${order} limit ${limit}
    ) found
    order by found.seq ${order} limit ${limit}`.execute(db);
  return rows.map(({ seq }) => seq);
}

function happened(column: string, { from, to }: EntryFilter): RawBuilder<boolean> {
  const at = (instant: Instant): RawBuilder<unknown> => sql.raw(timestampOf(`${instant}`));
  const since = from === undefined ? sql`true` : sql`${sql.raw(column)} >= ${at(from)}`;
  const until = to === undefined ? sql`true` : sql`${sql.raw(column)} < ${at(to)}`;
  return sql<boolean>`${since} and ${until}`;
}

function ofKind(column: string, { kinds }: EntryFilter): RawBuilder<boolean> {
  return kinds === undefined ? sql`true` : sql<boolean>`${sql.raw(column)} = any(${kinds})`;
}

const GROUPS = ['operation', 'api_key_id', 'person_id', 'on_behalf_of'] as const;

function needsRoot(filter: UsageFilter): boolean {
  return GROUPS.some((name) => filter[name] !== undefined);
}

/** What `matching` asks of rollups, of an entry and its root. */
function ofEntry(filter: UsageFilter): RawBuilder<boolean> {
  const conditions = GROUPS.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : sql`${GROUPED[name]} = ${value}`;
  });
  return conditions.length === 0 ? sql`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`;
}
