import { sql } from 'kysely';
import { z } from 'zod';
import type { Instant } from '../core/instant.ts';
import type { PricedLine } from '../core/price-rules.ts';
import {
  BUCKETS,
  type Bucket,
  type EntryKind,
  type IdempotencyKey,
  type Leg,
  balanceChangeOf,
} from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';
import { keyHash } from './keys.ts';
import { BUCKET_LETTERS } from './tables.ts';
import { type NamedLot, lotsByNumber } from './lots.ts';

/** An entry as it is read back. Amounts are micro-credits, the quantity 10^-6 of the unit. */
export interface ReadEntry {
  seq: bigint;
  kind: EntryKind;
  amount_micro: bigint;
  list_amount_micro: bigint | null;
  waiver: string | null;
  legs: Leg[];
  /** By how much it changed the balance. */
  change_micro: bigint;
  balance_after_micro: bigint;
  available_after_micro: bigint;
  held_after_micro: bigint;
  debt_after_micro: bigint;
  namespace: string;
  key: string;
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system';
  actor_id: string | null;
  on_behalf_of: string | null;
  api_key_id: string | null;
  operation: string | null;
  quantity: bigint | null;
  lines: PricedLine[];
  /** The entry that it is about or follows from. */
  parent_seq: bigint | null;
  payment_id: string | null;
  at: Date;
  /** When the caller says that it happened. */
  occurred_at: Date | null;
  /** Both to the microsecond. */
  exact: { at: Instant; occurred_at: Instant | null };
  description: string | null;
  reason: string | null;
  metadata: Record<string, unknown> | null;
  request_id: string | null;
}

export interface EntryPage {
  entries: ReadEntry[];
  has_older: boolean;
  has_newer: boolean;
}

/** Which page: `before` and `after` are entry numbers that it ends beneath or begins above. */
export interface EntryCursor {
  before?: bigint | undefined;
  after?: bigint | undefined;
  limit: number;
  /** Only entries above this one, as a statement asks for. */
  above?: bigint | undefined;
  /** Only this entry and those beneath it. */
  upto?: bigint | undefined;
}

/**
 * A page of a wallet's entries, newest first; with no cursor the newest. Bounded by the primary key.
 */
export async function entryPage(db: Db, walletId: string, page: EntryCursor): Promise<EntryPage> {
  const upwards = page.after !== undefined;
  let query = selectEntries(db, walletId).limit(page.limit + 1);
  if (page.above !== undefined) query = query.where('e.seq', '>', page.above);
  if (page.upto !== undefined) query = query.where('e.seq', '<=', page.upto);
  if (page.before !== undefined) query = query.where('e.seq', '<', page.before);
  if (page.after !== undefined) query = query.where('e.seq', '>', page.after);
  const rows = await query.orderBy('e.seq', upwards ? 'asc' : 'desc').execute();
  const more = rows.length > page.limit;
  const entries = rows.slice(0, page.limit).map(readEntry);
  if (upwards) entries.reverse();
  return {
    entries,
    has_older: upwards || more,
    has_newer: upwards ? more : page.before !== undefined,
  };
}

/** One entry by its number in the wallet. */
export async function entryBySeq(
  db: Db,
  walletId: string,
  seq: bigint,
): Promise<ReadEntry | undefined> {
  const row = await selectEntries(db, walletId).where('e.seq', '=', seq).executeTakeFirst();
  return row === undefined ? undefined : readEntry(row);
}

/** The entry that was written for an idempotency key, once and for ever. */
export async function entryByKey(
  db: Db,
  walletId: string,
  key: IdempotencyKey,
): Promise<ReadEntry | undefined> {
  const query = selectEntries(db, walletId).where('e.key_hash', '=', keyHash(key));
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : readEntry(row);
}

/** Entries by their numbers, in the order of these. */
export async function entriesBySeq(
  db: Db,
  walletId: string,
  seqs: readonly bigint[],
): Promise<ReadEntry[]> {
  if (seqs.length === 0) return [];
  const query = selectEntries(db, walletId).where(sql<boolean>`e.seq = any(${seqs}::int8[])`);
  return (await query.orderBy('e.seq').execute()).map(readEntry);
}

/** The lots that the legs of these entries name, by their number. */
export async function lotsNamedBy(
  db: Db,
  walletId: string,
  entries: readonly ReadEntry[],
): Promise<Map<number, NamedLot>> {
  const numbers = new Set(entries.flatMap((entry) => entry.legs.map((leg) => leg.lot)));
  numbers.delete(0);
  return lotsByNumber(db, walletId, [...numbers]);
}

/**
 * Queries for what a wallet's newest entries name, for whoever does not wait for these. How many is
 * written out: for a number that it does not know, the database would plan them each time anew.
 */
export function namedByNewest(walletId: string, count: number) {
  const newest = sql`(
    select leg_lots, actor_kind, actor_id, api_key_id from entries
    where wallet_id = ${walletId} order by seq desc limit ${sql.lit(count)}) newest`;
  return {
    lots: sql<number>`select unnest(leg_lots) from ${newest}`,
    people: sql<string>`select actor_id from ${newest} where actor_kind = 'person'`,
    api_keys: sql<string>`select api_key_id from ${newest}`,
  };
}

function selectEntries(db: Db, walletId: string) {
  return db
    .selectFrom('entries as e')
    .leftJoin('entry_details as d', (join) =>
      join.onRef('d.wallet_id', '=', 'e.wallet_id').onRef('d.seq', '=', 'e.seq'),
    )
    .select([
      'e.seq',
      'e.kind',
      'e.amount',
      'e.list_amount',
      'e.waiver',
      'e.leg_lots',
      'e.leg_from',
    ])
    .select(['e.leg_to', 'e.leg_amounts', 'e.available_after', 'e.held_after', 'e.debt_after'])
    .select(['e.namespace', 'e.key', 'e.actor_kind', 'e.actor_id', 'e.on_behalf_of', 'e.operation'])
    .select(['e.quantity', 'e.lines', 'e.parent_seq', 'e.payment_id', 'e.at', 'e.occurred_at'])
    .select(['e.api_key_id'])
    .select(sql<Instant>`${sql.raw(microsecondsOf('e.at'))}`.as('at_micros'))
    .select(sql<Instant | null>`${sql.raw(microsecondsOf('e.occurred_at'))}`.as('occurred_micros'))
    .select(['d.description', 'd.reason', 'd.metadata', 'd.request_id'])
    .where('e.wallet_id', '=', walletId);
}

type EntryRow = Awaited<ReturnType<ReturnType<typeof selectEntries>['execute']>>[number];

function readEntry(row: EntryRow): ReadEntry {
  const legs = row.leg_lots.map((lot, index): Leg => {
    const [from, to, amount] = [row.leg_from[index], row.leg_to[index], row.leg_amounts[index]];
    return { lot, from: bucketOf(from), to: bucketOf(to), amount: amount ?? 0n };
  });
  return {
    ...row,
    legs,
    exact: { at: row.at_micros, occurred_at: row.occurred_micros },
    metadata: row.metadata === null ? null : StoredMetadata.parse(row.metadata),
    amount_micro: row.amount,
    list_amount_micro: row.list_amount,
    change_micro: balanceChangeOf(legs),
    balance_after_micro: row.available_after + row.held_after - row.debt_after,
    available_after_micro: row.available_after,
    held_after_micro: row.held_after,
    debt_after_micro: row.debt_after,
    lines: row.lines === null ? [] : StoredLines.parse(row.lines),
  };
}

const StoredMetadata = z.record(z.string(), z.unknown());

const StoredLines = z.array(
  z
    .object({
      code: z.string(),
      label: z.string(),
      unit: z.string(),
      quantity: z.string().transform(BigInt),
      price: z.string().transform(BigInt),
      amount: z.string().transform(BigInt),
      rule: z.string(),
      version: z.number(),
      measured: z.string().transform(BigInt).optional(),
    })
    .transform(({ price, amount, ...line }): PricedLine => {
      return { ...line, price_pico: price, amount_micro: amount };
    }),
);

const BUCKETS_BY_LETTER = new Map<string, Bucket>(
  BUCKETS.map((bucket) => [BUCKET_LETTERS[bucket], bucket]),
);

function bucketOf(letter: string | undefined): Bucket {
  const bucket = letter === undefined ? undefined : BUCKETS_BY_LETTER.get(letter);
  if (bucket === undefined) throw new Error(`no bucket has the letter ${letter ?? '(none)'}`);
  return bucket;
}
