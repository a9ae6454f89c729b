import { sql } from 'kysely';
import { RATE_DAYS } from '../core/burn-rates.ts';
import { type Instant, instantOf } from '../core/instant.ts';
import { type EndingWindow, windowOf, windowsBetween } from '../core/periods.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';
import { GROUPED, WITH_ROOT } from './rollups/fold.ts';
import { usageUpToNow } from './totals.ts';

/** Whole days that are known, and today: twice what a rate rests on, to compare. */
const DAYS = 2 * RATE_DAYS + 1;
/** Wallets that are remembered. */
const KEPT_MOST = 300;
/** What came since is read entry by entry; beyond so many the rollups are faster. */
const CATCH_UP_ENTRIES = 1_000n;

/** What became of one operation in the last 28 days, today among them. */
export interface OperationUse {
  spent_micro: bigint;
  /** In 10^-6 of its unit. */
  quantity: bigint;
  /** How often it was charged. */
  charges: bigint;
}

/** What was spent of a wallet on each day of a zone, less what came back, by when it happened. */
export interface DailyUse {
  /** 56 whole days and today, without a gap. */
  days: readonly EndingWindow[];
  /** As many. */
  spent_micro: readonly bigint[];
  /** In the last 28 of them. */
  by_operation: ReadonlyMap<string, OperationUse>;
}

interface Kept extends DailyUse {
  upto_seq: bigint;
}

/**
 * What was summed up to an entry stays true, since entries are never changed: only what came since is
 * read again. By wallet and zone.
 */
const kept = new Map<string, Kept>();

/**
 * The use of a wallet up to an entry. Reads nothing when nothing came since the last time in this
 * process, a few entries when few did, and else all of these days.
 */
export async function dailyUseOf(
  db: Db,
  wallet: { wallet_id: string; last_seq: bigint },
  zone: string,
  now: Date,
): Promise<DailyUse> {
  const name = `${wallet.wallet_id} ${zone}`;
  const days = daysUpTo(zone, instantOf(now));
  const known = kept.get(name);
  const since = known?.days === days ? wallet.last_seq - known.upto_seq : -1n;
  if (known !== undefined && since === 0n) return known;
  const use =
    known !== undefined && since > 0n && since <= CATCH_UP_ENTRIES
      ? await caughtUp(db, wallet, known)
      : await readAll(db, wallet, days);
  kept.delete(name);
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MOST && oldest !== undefined) kept.delete(oldest);
  kept.set(name, use);
  return use;
}

/** The days of the last zones that were asked for: a calendar takes longer than all else here. */
const knownDays = new Map<string, EndingWindow[]>();

function daysUpTo(zone: string, now: Instant): readonly EndingWindow[] {
  const today = windowOf('day', zone, now);
  const known = knownDays.get(zone);
  if (known?.at(-1)?.starts_at === today.starts_at) return known;
  const roughly = BigInt(DAYS) * 86_400_000_000n;
  const days = windowsBetween('day', zone, { from: now - roughly, to: now + 1n }, DAYS + 1);
  const found = days?.slice(-DAYS) ?? [];
  knownDays.set(zone, found);
  return found;
}

async function readAll(
  db: Db,
  { wallet_id, last_seq }: { wallet_id: string; last_seq: bigint },
  days: readonly EndingWindow[],
): Promise<Kept> {
  const numbers = new Map(days.map((day, index) => [day, index]));
  // What has been written since the balance was read is in it, unless the two are of one snapshot.
  const { totals, upto_seq = last_seq } = await usageUpToNow(db, wallet_id, days);
  const rows = totals.map(({ window, ...row }) => ({ day: numbers.get(window) ?? 0, ...row }));
  const empty = { days, spent_micro: days.map(() => 0n), by_operation: new Map() };
  return withMore({ ...empty, upto_seq }, rows);
}

async function caughtUp(
  db: Db,
  { wallet_id, last_seq }: { wallet_id: string; last_seq: bigint },
  known: Kept,
): Promise<Kept> {
  const { rows } = await sql<Row & { kind: string; at: Instant }>`
    select e.kind, ${GROUPED.operation} as operation, e.amount as spent_micro,
      coalesce(e.quantity, 0) as quantity, 1::int8 as charges,
      ${sql.raw(microsecondsOf('coalesce(e.occurred_at, e.at)'))} as at
    from entries e ${WITH_ROOT}
    where e.wallet_id = ${wallet_id} and e.seq > ${known.upto_seq} and e.seq <= ${last_seq}
      and e.kind in ('debit', 'capture', 'refund')`.execute(db);
  const placed = rows.flatMap(({ kind, at, ...row }) => {
    const day = known.days.findIndex((one) => one.starts_at <= at && at < one.ends_at);
    if (day < 0) return [];
    const [spent_micro, quantity] = [-row.spent_micro, -row.quantity];
    const back = { operation: row.operation, spent_micro, quantity, charges: 0n };
    return [{ day, ...(kind === 'refund' ? back : row) }];
  });
  return { ...withMore(known, placed), upto_seq: last_seq };
}

interface Row extends OperationUse {
  operation: string;
}

/** A new one: what others have been given does not change. */
function withMore(known: Kept, rows: readonly (Row & { day: number })[]): Kept {
  const spent = [...known.spent_micro];
  const by_operation = new Map(known.by_operation);
  for (const { day, operation, spent_micro, quantity, charges } of rows) {
    spent[day] = (spent[day] ?? 0n) + spent_micro;
    if (day < DAYS - RATE_DAYS) continue;
    const before = by_operation.get(operation) ?? { spent_micro: 0n, quantity: 0n, charges: 0n };
    by_operation.set(operation, {
      spent_micro: before.spent_micro + spent_micro,
      quantity: before.quantity + quantity,
      charges: before.charges + charges,
    });
  }
  return { ...known, spent_micro: spent, by_operation };
}
