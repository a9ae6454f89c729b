import { sql } from 'kysely';
import type { EndingWindow } from '../core/periods.ts';
import type { Db } from '../lib/database.ts';
import { USED, type UsageFilter, usedIn } from './rollups/used.ts';

export { NOBODY } from './rollups/fold.ts';
export type { UsageFilter } from './rollups/used.ts';

/** What some usage comes to. */
export interface Used {
  /** How often it was charged: debits and captures. */
  charges: bigint;
  /** Less what came back. */
  spent_micro: bigint;
  /** In 10^-6 of a unit, less what was corrected: of one operation it says something. */
  quantity: bigint;
}

const NOTHING: Used = { charges: 0n, spent_micro: 0n, quantity: 0n };

/** What a wallet used in each window, in the order of the windows; see `usageIn`. */
export async function usageByWindow(
  db: Db,
  walletId: string,
  windows: readonly EndingWindow[],
  filter: UsageFilter,
): Promise<Used[]> {
  const { rows } = await sql<Used & { number: bigint }>`
    with ${usedIn(walletId, windows, filter)}
    select number, ${USED} from used group by number`.execute(db);
  const found = new Map(rows.map(({ number, ...used }) => [Number(number), used]));
  return windows.map((_window, index) => found.get(index + 1) ?? NOTHING);
}

export const USAGE_GROUPS = ['operation', 'key', 'member', 'customer'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

const COLUMNS: Record<UsageGroup, string> = {
  operation: 'operation',
  key: 'api_key_id',
  member: 'person_id',
  customer: 'on_behalf_of',
};

/** What was used by one of a group, now and in the window before. */
export interface GroupUsed extends Used {
  /** The operation, the id of the key or the person, or the customer; `NOBODY` and '' for none. */
  value: string;
  before_micro: bigint;
}

export interface GroupedUsage {
  /** Those with the most spent first. */
  top: GroupUsed[];
  /** All others together, and how many they are. */
  others: GroupUsed & { count: number };
}

/**
 * What a wallet used in a window and in the one before it, by operation, key, member, or by whom the
 * caller says that it was for. Of the last only that is there which says so.
 */
export async function usageByGroup(
  db: Db,
  walletId: string,
  { before, now }: { before: EndingWindow; now: EndingWindow },
  { group, filter, most }: { group: UsageGroup; filter: UsageFilter; most: number },
): Promise<GroupedUsage> {
  const byCustomer = group === 'customer' || filter.on_behalf_of !== undefined;
  const { rows } = await sql<Omit<GroupUsed, 'value'> & { value: string | null; count: bigint }>`
    with ${usedIn(walletId, [before, now], filter, byCustomer)}, grouped as materialized (
      select ${sql.ref(COLUMNS[group])}::text as value,
        coalesce(sum(charges) filter (where number = 2), 0) as charges,
        coalesce(sum(spent) filter (where number = 2), 0) as spent,
        coalesce(sum(quantity) filter (where number = 2), 0) as quantity,
        coalesce(sum(spent) filter (where number = 1), 0) as before
      from used group by 1
    ), top as (
      select * from grouped order by spent desc, before desc, value limit ${most}
    ), others as (
      select charges, spent, quantity, before from grouped
      union all select -charges, -spent, -quantity, -before from top
    )
    select value, charges::int8, spent::int8 as spent_micro, quantity::int8,
      before::int8 as before_micro, 1::int8 as count
    from top
    union all
    select null, ${USED}, sum(before)::int8, (select count(*) from grouped) - (select count(*) from top)
    from others having count(*) > 0
    order by spent_micro desc, before_micro desc, value`.execute(db);
  const top = rows.flatMap((row) => (row.value === null ? [] : groupUsed(row.value, row)));
  const rest = rows.find(({ value }) => value === null);
  return { top, others: { ...groupUsed('', rest ?? NOTHING), count: Number(rest?.count ?? 0n) } };
}

function groupUsed(value: string, row: Used & { before_micro?: bigint }): GroupUsed {
  const { charges, spent_micro, quantity, before_micro = 0n } = row;
  return { value, charges, spent_micro, quantity, before_micro };
}
