import { sql } from 'kysely';
import { type Budget, limitOf, windowOfBudget } from '../core/budgets.ts';
import { type Instant, dateOf, instantOf } from '../core/instant.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';

/** A budget, and what is used of it in the window that is open. */
export interface BudgetReport extends Pick<Budget, 'id' | 'subject' | 'period' | 'hard'> {
  limit_micro: bigint;
  used_micro: bigint;
  /** When nothing is used of it again; null for one of all time. */
  resets_at: Date | null;
  /** Until when its limit is another one than its own. */
  raised_until: Date | null;
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
    const at = instantOf(now);
    const { starts_at, ends_at } = windowOfBudget(budget, at);
    const { id, subject, period, hard, raised_until } = budget;
    const isRaised = raised_until !== null && at < raised_until;
    return {
      ...{ id, subject, period, hard, limit_micro: limitOf(budget, at) },
      used_micro: counted_from === starts_at ? (counted ?? 0n) : 0n,
      resets_at: ends_at === null ? null : dateOf(ends_at),
      raised_until: isRaised ? dateOf(raised_until) : null,
    };
  });
}
