import { sql } from 'kysely';
import type { Window } from '../core/periods.ts';
import type { EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';
import { timestampOf } from './arrays.ts';
import { entriesIn, foldOf, quarterHourOf } from './rollups/fold.ts';

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

/**
 * What the entries above one number up to another come to, by kind: the rollups of the quarter hours
 * that lie wholly between, and the entries before and after these.
 */
export async function totalsBetween(
  db: Db,
  walletId: string,
  above: bigint,
  upto: bigint,
): Promise<KindTotal[]> {
  const quarterHourAt = (seq: bigint) => sql`(
    select ${quarterHourOf('entries.at')} from entries where wallet_id = ${walletId} and seq = ${seq})`;
  const found = await sql<KindTotal>`
    with bounds as materialized (
      select coalesce(${quarterHourAt(above)}, '-infinity') as above,
        coalesce(${quarterHourAt(upto + 1n)}, 'infinity') as below
    ), rolled as materialized (
      select kind, min(first_seq) as first_seq, max(last_seq) as last_seq,
        sum(entry_count) as entry_count, sum(amount) as amount, sum(balance_change) as balance_change
      from bounds join entry_rollups on wallet_id = ${walletId}
        and quarter_hour > bounds.above and quarter_hour < bounds.below
      group by kind
    ), covered as (
      select min(first_seq) as first_seq, max(last_seq) as last_seq from rolled
    ), rest as materialized (
      select ${walletId}::uuid as wallet_id, ${above}::int8 as after_seq,
        coalesce(first_seq - 1, ${upto}) as upto_seq from covered
      union all
      select ${walletId}, last_seq, ${upto} from covered where last_seq is not null
    )
    select kind, sum(entry_count)::int8 as entries, sum(amount)::int8 as amount_micro,
      sum(balance_change)::int8 as change_micro
    from (
      select kind, entry_count, amount, balance_change from rolled
      union all
      select kind, entry_count, amount, balance_change
      from (${foldOf(entriesIn(sql`select * from rest`))}) unrolled
    ) part
    group by kind order by kind`.execute(db);
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
    with asked as (
      select number, ${sql.raw(timestampOf('starts'))} as starts_at,
        coalesce(${sql.raw(timestampOf('ends'))}, 'infinity') as ends_at
      from unnest(${windows.map((one) => one.starts_at)}::int8[],
        ${windows.map((one) => one.ends_at)}::int8[]) with ordinality as t(starts, ends, number)
    ), edges as materialized (
      select array_agg(starts_at order by number) as edges from asked
    ), rest as materialized (
      select w.id as wallet_id, coalesce(p.last_seq, 0) as after_seq, w.last_seq as upto_seq
      from wallets w left join rollup_progress p on p.wallet_id = w.id
      where w.id = ${walletId} and w.last_seq > coalesce(p.last_seq, 0)
    ), part as (
      select occurred_quarter_hour, kind, operation, entry_count, amount, quantity
      from entry_rollups
      where wallet_id = ${walletId} and occurred_quarter_hour >= (select min(starts_at) from asked)
        and occurred_quarter_hour < (select max(ends_at) from asked)
      union all
      select occurred_quarter_hour, kind, operation, entry_count, amount, quantity
      from (${foldOf(entriesIn(sql`select * from rest`))}) unrolled
    )
    select a.number, p.operation,
      coalesce(sum(p.entry_count) filter (where p.kind <> 'refund'), 0)::int8 as charges,
      sum(case when p.kind = 'refund' then -p.amount else p.amount end)::int8 as spent_micro,
      sum(case when p.kind = 'refund' then -p.quantity else p.quantity end)::int8 as quantity,
      (select last_seq from wallets where id = ${walletId}) as upto_seq
    from part p cross join edges
    join asked a on a.number = width_bucket(p.occurred_quarter_hour, edges)
      and p.occurred_quarter_hour < a.ends_at
    where p.kind in ('debit', 'capture', 'refund')
    group by a.number, p.operation order by a.number, p.operation`.execute(db);
  const totals = found.rows.map(({ number, operation, charges, spent_micro, quantity }) => {
    const window = windows[Number(number) - 1];
    if (window === undefined) throw new Error(`no window has the number ${number}`);
    return { window, operation, charges, spent_micro, quantity };
  });
  return { totals, upto_seq: found.rows[0]?.upto_seq };
}
