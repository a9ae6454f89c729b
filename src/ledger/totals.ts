import { sql } from 'kysely';
import type { Window } from '../core/periods.ts';
import type { EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { entriesIn, foldOf, quarterHourOf } from './rollups/fold.ts';
import { USED, usedIn } from './rollups/used.ts';

/** The entries of one kind among some. */
export interface KindTotal {
  kind: EntryKind;
  entries: bigint;
  amount_micro: bigint;
  /** By how much they changed the balance. */
  change_micro: bigint;
}

/** Beyond all numbers of entries. */
export const LAST_SEQ = 2n ** 62n;

/** The same of one operation; '' where there is none. */
export interface OperationTotal extends KindTotal {
  operation: string;
  /** In 10^-6 of the operation's unit. */
  quantity: bigint;
}

/** What the entries above one number up to another come to, by kind. */
export async function totalsBetween(
  db: Db,
  walletId: string,
  above: bigint,
  upto: bigint,
): Promise<KindTotal[]> {
  const totals = await totalsByOperation(db, walletId, above, upto);
  return byKind(totals);
}

/** The totals of operations as totals of kinds. */
export function byKind(totals: readonly OperationTotal[]): KindTotal[] {
  const kinds = Map.groupBy(totals, ({ kind }) => kind);
  const sumOf = (some: readonly OperationTotal[], of: Exclude<keyof KindTotal, 'kind'>): bigint =>
    some.reduce((sum, one) => sum + one[of], 0n);
  return [...kinds].map(([kind, some]) => ({
    kind,
    entries: sumOf(some, 'entries'),
    amount_micro: sumOf(some, 'amount_micro'),
    change_micro: sumOf(some, 'change_micro'),
  }));
}

/**
 * The same by operation too: the rollups of the quarter hours that lie wholly between, and the
 * entries before and after these.
 */
export async function totalsByOperation(
  db: Db,
  walletId: string,
  above: bigint,
  upto: bigint,
): Promise<OperationTotal[]> {
  const quarterHourAt = (seq: bigint) => sql`(
    select ${quarterHourOf('entries.at')} from entries where wallet_id = ${walletId} and seq = ${seq})`;
  const found = await sql<OperationTotal>`
    with bounds as materialized (
      select coalesce(${quarterHourAt(above)}, '-infinity') as above,
        coalesce(${quarterHourAt(upto + 1n)}, 'infinity') as below
    ), rolled as materialized (
      select kind, operation, min(first_seq) as first_seq, max(last_seq) as last_seq,
        sum(entry_count) as entry_count, sum(amount) as amount, sum(quantity) as quantity,
        sum(balance_change) as balance_change
      from bounds join entry_rollups on wallet_id = ${walletId}
        and quarter_hour > bounds.above and quarter_hour < bounds.below
      group by kind, operation
    ), covered as (
      select min(first_seq) as first_seq, max(last_seq) as last_seq from rolled
    ), rest as materialized (
      select ${walletId}::uuid as wallet_id, ${above}::int8 as after_seq,
        coalesce(first_seq - 1, ${upto}) as upto_seq from covered
      union all
      select ${walletId}, last_seq, ${upto} from covered where last_seq is not null
    )
    select kind, operation, sum(entry_count)::int8 as entries, sum(amount)::int8 as amount_micro,
      sum(balance_change)::int8 as change_micro, sum(quantity)::int8 as quantity
    from (
      select kind, operation, entry_count, amount, balance_change, quantity from rolled
      union all
      select kind, operation, entry_count, amount, balance_change, quantity
      from (${foldOf(entriesIn(sql`select * from rest`))}) unrolled
    ) part
    group by kind, operation order by kind, operation`.execute(db);
  return found.rows;
}

/** What was used of one operation in one of the windows asked for. */
export interface UsageTotal<One extends Window = Window> {
  window: One;
  operation: string;
  /** How often it was charged: debits and captures. */
  charges: bigint;
  /** Less what came back. */
  spent_micro: bigint;
  /** In 10^-6 of the operation's unit, less what was corrected. */
  quantity: bigint;
}

/**
 * What a wallet used in each window, by when callers say that it happened: an entry that comes late
 * counts where it belongs. Windows begin and end on quarter hours, as those of `windowOf` do in any
 * zone; they are in their order and none begins before the end of another. Entries from before the
 * rollups that are kept do not count.
 */
export async function usageIn<One extends Window>(
  db: Db,
  walletId: string,
  windows: readonly One[],
): Promise<UsageTotal<One>[]> {
  return (await usageUpToNow(db, walletId, windows)).totals;
}

/** The same, and the last entry that was looked at; undefined when nothing was used. */
export async function usageUpToNow<One extends Window = Window>(
  db: Db,
  walletId: string,
  windows: readonly One[],
): Promise<{ totals: UsageTotal<One>[]; upto_seq: bigint | undefined }> {
  const found = await sql<Omit<UsageTotal, 'window'> & { number: bigint; upto_seq: bigint }>`
    with ${usedIn(walletId, windows, {})}
    select number, operation, ${USED},
      (select last_seq from wallets where id = ${walletId}) as upto_seq
    from used
    group by number, operation order by number, operation`.execute(db);
  const totals = found.rows.map(({ number, operation, charges, spent_micro, quantity }) => {
    const window = windows[Number(number) - 1];
    if (window === undefined) throw new Error(`no window has the number ${number}`);
    return { window, operation, charges, spent_micro, quantity };
  });
  return { totals, upto_seq: found.rows[0]?.upto_seq };
}
