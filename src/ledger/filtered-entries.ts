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
  /** Stands in what was said of the entry, or in its key. No index knows: entries are looked through. */
  text?: string | undefined;
}

/** A page, and how far entries were looked through for it, where that was not to its end. */
export interface FilteredPage extends EntryPage {
  /** The entry at which the search stopped, with its time: those beyond may be let through too. */
  stopped?: { seq: bigint; at: Date } | undefined;
}

/** So many entries are looked through for a page at most, where no rollup says where there are any. */
const SEARCHED_ENTRIES_MAX = 50_000n;

/** As `EntryCursor`: entry numbers that the page ends beneath or begins above. */
export interface FilteredCursor {
  before?: bigint | undefined;
  after?: bigint | undefined;
  limit: number;
}

/**
 * A page of those entries of a wallet that a filter lets through, newest first. Rollups tell in
 * which quarter hours there are any, and between which numbers: each gives at least one, so that a
 * page reads few entries however rare they are. Entries that are not rolled up are looked through,
 * and so are all for a text and those whose rollups are forgotten, these up to a number at once.
 */
export async function filteredPage(
  db: Db,
  walletId: string,
  filter: EntryFilter,
  cursor: FilteredCursor,
): Promise<FilteredPage> {
  const upwards = cursor.after !== undefined;
  const wanted = { ...cursor, limit: cursor.limit + 1 };
  const { seqs, stopped_at } =
    filter.text === undefined
      ? await knownSeqs(db, walletId, filter, wanted)
      : await searchedSeqs(db, walletId, filter, wanted);
  const more = seqs.length > cursor.limit || stopped_at !== undefined;
  const entries = await entriesBySeq(db, walletId, seqs.slice(0, cursor.limit));
  entries.reverse();
  const stopped = seqs.length > cursor.limit ? undefined : stopped_at;
  return {
    entries,
    has_older: upwards || more,
    has_newer: upwards ? more : cursor.before !== undefined,
    stopped: stopped === undefined ? undefined : await timeOf(db, walletId, stopped),
  };
}

async function timeOf(db: Db, walletId: string, seq: bigint): Promise<FilteredPage['stopped']> {
  const query = db.selectFrom('entries').select(['seq', 'at']).where('wallet_id', '=', walletId);
  return query.where('seq', '=', seq).executeTakeFirst();
}

/** Some entries, the nearest to the cursor first, and at which one a search for them stopped. */
interface Found {
  seqs: bigint[];
  stopped_at?: bigint | undefined;
}

/** What rollups know of, and where they are forgotten what is found without. */
async function knownSeqs(
  db: Db,
  walletId: string,
  filter: EntryFilter,
  cursor: FilteredCursor,
): Promise<Found> {
  const { after, before = LAST_SEQ, limit } = cursor;
  const progress = await db
    .selectFrom('rollup_progress')
    .select('forgotten_seq')
    .where('wallet_id', '=', walletId)
    .executeTakeFirst();
  const forgotten = progress?.forgotten_seq ?? 0n;
  const known = { ...cursor, after: after === undefined || after > forgotten ? after : forgotten };
  if (after !== undefined && after < forgotten) {
    const old = await searchedSeqs(db, walletId, filter, { ...cursor, before: forgotten + 1n });
    if (old.stopped_at !== undefined || old.seqs.length >= limit) return old;
    const rest = await filteredSeqs(db, walletId, filter, known);
    return { seqs: [...old.seqs, ...rest].slice(0, limit) };
  }
  const seqs = await filteredSeqs(db, walletId, filter, known, forgotten);
  if (after !== undefined || seqs.length >= limit || forgotten === 0n) return { seqs };
  const end = before <= forgotten ? before : forgotten + 1n;
  const old = await searchedSeqs(db, walletId, filter, { before: end, limit: limit - seqs.length });
  return { ...old, seqs: [...seqs, ...old.seqs] };
}

/** Looks through the entries themselves, from the cursor on. */
async function searchedSeqs(
  db: Db,
  walletId: string,
  filter: EntryFilter,
  { before, after, limit }: FilteredCursor,
): Promise<Found> {
  const upwards = after !== undefined;
  const wallet = await db
    .selectFrom('wallets')
    .select('last_seq')
    .where('id', '=', walletId)
    .executeTakeFirst();
  const last = wallet?.last_seq ?? 0n;
  const end = before === undefined || before > last ? last : before - 1n;
  const first = (after ?? 0n) + 1n;
  const span = upwards
    ? { first, last: lesser(end, first + SEARCHED_ENTRIES_MAX - 1n) }
    : { first: greater(first, end - SEARCHED_ENTRIES_MAX + 1n), last: end };
  const order = sql.raw(upwards ? 'asc' : 'desc');
  const { rows } = await sql<{ seq: bigint }>`
    select e.seq from entries e ${needsRoot(filter) ? WITH_ROOT : sql``}
    ${filter.text === undefined ? sql`` : WITH_DETAILS}
    where e.wallet_id = ${walletId} and e.seq between ${span.first} and ${span.last}
      and ${ofEntry(filter)} and ${happened('coalesce(e.occurred_at, e.at)', filter)}
      and ${ofKind('e.kind', filter)} and ${saying(filter)}
    order by e.seq ${order} limit ${limit}`.execute(db);
  const isThrough = upwards ? span.last >= end : span.first <= first;
  const seqs = rows.map(({ seq }) => seq);
  if (isThrough || seqs.length >= limit) return { seqs };
  return { seqs, stopped_at: upwards ? span.last : span.first };
}

const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** What was said of an entry, where something was. */
const WITH_DETAILS = sql`left join entry_details d on d.wallet_id = e.wallet_id and d.seq = e.seq`;

function saying({ text }: EntryFilter): RawBuilder<boolean> {
  if (text === undefined) return sql`true`;
  const pattern = `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  return sql<boolean>`(e.key ilike ${pattern} or e.on_behalf_of ilike ${pattern}
    or d.description ilike ${pattern} or d.reason ilike ${pattern}
    or d.request_id ilike ${pattern} or d.metadata::text ilike ${pattern})`;
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
    before = page.stopped?.seq ?? page.entries.at(-1)?.seq;
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
  forgotten = 0n,
): Promise<bigint[]> {
  const upwards = after !== undefined;
  const order = sql.raw(upwards ? 'asc' : 'desc');
  const above = after ?? forgotten;
  const quarterHourAt = (seq: bigint) => sql`(
    select ${quarterHourOf('entries.at')} from entries where wallet_id = ${walletId} and seq = ${seq})`;
  const { rows } = await sql<{ seq: bigint }>`
    with reach as materialized (
      select coalesce(p.last_seq, 0) as rolled_seq, w.last_seq
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
