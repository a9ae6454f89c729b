import type { Db } from '../lib/database.ts';
import { currenciesOnSale } from './buy/catalogue.ts';
import { findPlanPrice } from './plans.ts';

export { currenciesOnSale };

/** How many members the plan that a workspace is on has room for; undefined for any number. */
export async function membersLimitOf(
  db: Db,
  workspaceId: string,
): Promise<{ plan: string; members_max: number } | undefined> {
  const found = await db
    .selectFrom('subscriptions')
    .select('plan_price_id')
    .where('workspace_id', '=', workspaceId)
    .where('status', 'in', ['trialing', 'active', 'past_due'])
    .executeTakeFirst();
  const plan = found && (await findPlanPrice(db, found.plan_price_id));
  if (plan === undefined || plan.members_max === null) return undefined;
  return { plan: plan.name, members_max: plan.members_max };
}

/** Whether a workspace has bought or subscribed, which settles the currency that it pays in. */
export async function hasBought(db: Db, workspaceId: string): Promise<boolean> {
  const payment = await db
    .selectFrom('payments')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('status', 'not in', ['failed', 'cancelled'])
    .limit(1)
    .executeTakeFirst();
  if (payment !== undefined) return true;
  const subscription = await db
    .selectFrom('subscriptions')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .limit(1)
    .executeTakeFirst();
  return subscription !== undefined;
}
