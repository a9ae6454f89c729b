import { sql } from 'kysely';
import type { CreditMove } from '../core/credit-flows.ts';
import type { DayRange } from '../core/usage-ranges.ts';
import { BUCKETS, type Bucket } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { BUCKET_LETTERS } from './tables.ts';

/** What the cost of lots has become, in minor units net of tax. */
export interface Earned {
  /** What lots cost that were granted. */
  sold_minor: bigint;
  /** Of lots from other wallets, less what was sent to them: nothing, over all wallets. */
  transferred_minor: bigint;
  /** Earned, since the credits were used. */
  used_minor: bigint;
  /** Earned, since nobody used the credits in time. */
  expired_minor: bigint;
  /** Of credits that were clawed back. */
  returned_minor: bigint;
  /** Of credits that were taken away by hand. */
  corrected_minor: bigint;
}

const COLUMNS = [
  'sold_minor',
  'transferred_minor',
  'used_minor',
  'expired_minor',
  'returned_minor',
  'corrected_minor',
] as const satisfies readonly (keyof Earned)[];

/** What is still owed for, of what some time has brought. */
export function deferredOf(earned: Earned): bigint {
  const { sold_minor, transferred_minor, used_minor, expired_minor } = earned;
  const { returned_minor, corrected_minor } = earned;
  const came = sold_minor + transferred_minor;
  return came - used_minor - expired_minor - returned_minor - corrected_minor;
}

/** Until when the books are kept, and in which zone; null: nothing is booked yet. */
export async function booksUntil(db: Db) {
  const { rows } = await sql<{ time_zone: string | null; done_until: Date | null }>`
    select time_zone, done_until from bookkeeping`.execute(db);
  return rows[0] ?? { time_zone: null, done_until: null };
}

/** What moved in some days, and on all days before them. */
export async function creditsMoved(
  db: Db,
  { from, to }: DayRange,
): Promise<{ before: CreditMove[]; during: CreditMove[] }> {
  const { rows } = await sql<Moved>`
    select kind, nullif(source, '') as source, paid, moved_from, moved_to,
      coalesce(sum(amount) filter (where day < ${from}), 0)::text as before,
      coalesce(sum(amount) filter (where day >= ${from}), 0)::text as during
    from booked_credits where day <= ${to}
    group by kind, source, paid, moved_from, moved_to`.execute(db);
  const movesOf = (amount: 'before' | 'during') =>
    rows.map(({ kind, source, paid, moved_from, moved_to, ...row }): CreditMove => {
      const [was, is] = [bucketOf(moved_from), bucketOf(moved_to)];
      return {
        kind,
        source: source ?? undefined,
        paid,
        from: was,
        to: is,
        amount: BigInt(row[amount]),
      };
    });
  return { before: movesOf('before'), during: movesOf('during') };
}

interface Moved extends Pick<CreditMove, 'kind' | 'paid'> {
  source: CreditMove['source'] | null;
  moved_from: string;
  moved_to: string;
  before: string;
  during: string;
}

function bucketOf(letter: string): Bucket {
  const bucket = BUCKETS.find((one) => BUCKET_LETTERS[one] === letter);
  if (bucket === undefined) throw new Error(`no bucket is called ${letter}`);
  return bucket;
}

/** What was earned of each currency in some days, and on all days before them. */
export async function earnedIn(
  db: Db,
  { from, to }: DayRange,
): Promise<{ currency: string; before: Earned; during: Earned }[]> {
  const sums = (name: 'before' | 'during', days: ReturnType<typeof sql>) =>
    COLUMNS.map(
      (column) =>
        sql`coalesce(sum(${sql.ref(column)}) filter (where ${days}), 0)::text as ${sql.ref(`${name}_${column}`)}`,
    );
  const { rows } = await sql<Record<string, string>>`
    select currency, ${sql.join([...sums('before', sql`day < ${from}`), ...sums('during', sql`day >= ${from}`)])}
    from booked_money where day <= ${to} group by currency order by currency`.execute(db);
  return rows.map((row) => ({
    currency: row['currency'] ?? '',
    before: earnedOf((column) => row[`before_${column}`]),
    during: earnedOf((column) => row[`during_${column}`]),
  }));
}

function earnedOf(textOf: (column: keyof Earned) => string | undefined): Earned {
  const amount = (column: keyof Earned): bigint => BigInt(textOf(column) ?? 0n);
  return {
    sold_minor: amount('sold_minor'),
    transferred_minor: amount('transferred_minor'),
    used_minor: amount('used_minor'),
    expired_minor: amount('expired_minor'),
    returned_minor: amount('returned_minor'),
    corrected_minor: amount('corrected_minor'),
  };
}

/** How many wallets were charged for usage in some days. */
export async function activeWallets(db: Db, { from, to }: DayRange): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from wallets w where w.livemode and exists (
      select from booked_activity a
      where a.wallet_id = w.id and a.day >= ${from} and a.day <= ${to}
    )`.execute(db);
  return rows[0]?.count ?? 0n;
}

/** A row of the accountant's file: a day or month of one currency. */
export interface EarnedRow extends Earned {
  period: string;
  currency: string;
}

const ROWS_AT_ONCE = 1_000;

/** What was earned by day or month and currency, in their order, some rows at a time. */
export async function* earnedByPeriod(
  db: Db,
  { from, to }: DayRange,
  unit: 'day' | 'month',
): AsyncGenerator<EarnedRow[]> {
  const period = sql`left(day, ${sql.lit(unit === 'day' ? 10 : 7)})`;
  const sums = COLUMNS.map((column) => sql`sum(${sql.ref(column)})::text as ${sql.ref(column)}`);
  let after = { period: '', currency: '' };
  for (;;) {
    const { rows } = await sql<Record<string, string>>`
      select ${period} as period, currency, ${sql.join(sums)}
      from booked_money where day between ${from} and ${to}
        and (${period}, currency) > (${after.period}, ${after.currency})
      group by 1, 2 order by 1, 2 limit ${ROWS_AT_ONCE}`.execute(db);
    const found = rows.map((row) => {
      const { period: name = '', currency = '' } = row;
      return { period: name, currency, ...earnedOf((column) => row[column]) };
    });
    if (found.length > 0) yield found;
    const last = found.at(-1);
    if (last === undefined || found.length < ROWS_AT_ONCE) return;
    after = last;
  }
}
