import { sql } from 'kysely';
import { type Budget, limitOf, windowOfBudget } from '../core/budgets.ts';
import { type Instant, instantOf } from '../core/instant.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';

/** A budget, and what is used of it in the window that is open. */
export interface BudgetReport extends Pick<Budget, 'id' | 'subject' | 'period' | 'hard'> {
  limit_micro: bigint;
  used_micro: bigint;
}

type Stored = Budget & { counted_from: Instant | null; counted: bigint | null };

/** The budgets of a workspace's wallets by what they limit, with one index probe for each. */
export async function budgetsOf(
  db: Db,
  workspaceId: string,
  now = new Date(),
): Promise<BudgetReport[]> {
  const found = await sql<Stored>`
    select b.id, b.subject, b.period, b.limit_amount, b.hard, b.time_zone, b.raised_to,
      ${sql.raw(microsecondsOf('b.raised_until'))} as raised_until,
      ${sql.raw(microsecondsOf('last.starts_at'))} as counted_from, last.amount as counted
    from budgets b left join lateral (
      select c.starts_at, c.amount from counters c
      where c.wallet_id = b.wallet_id and c.subject = b.subject and c.period = b.period
      order by c.starts_at desc limit 1
    ) last on true
    where b.wallet_id in (select id from wallets where workspace_id = ${workspaceId})
    order by b.subject, b.id`.execute(db);
  return found.rows.map(({ counted_from, counted, ...budget }) => {
    const { starts_at } = windowOfBudget(budget, instantOf(now));
    const { id, subject, period, hard } = budget;
    const used_micro = counted_from === starts_at ? (counted ?? 0n) : 0n;
    return { id, subject, period, hard, limit_micro: limitOf(budget, instantOf(now)), used_micro };
  });
}
