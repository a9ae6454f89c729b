import { z } from 'zod';
import type { Db } from '../lib/database.ts';
import { currenciesOnSale } from './buy/catalogue.ts';

export { currenciesOnSale };

/** What a plan allows beside its credits. What it does not name is not limited. */
const PlanLimits = z.object({ members_max: z.number().int().positive().optional() });

/** How many members the plan that a workspace is on has room for; undefined for any number. */
export async function membersLimitOf(
  db: Db,
  workspaceId: string,
): Promise<{ plan: string; members_max: number } | undefined> {
  const found = await db
    .selectFrom('subscriptions as s')
    .innerJoin('plans as p', 'p.id', 's.plan_id')
    .select(['p.name', 'p.limits'])
    .where('s.workspace_id', '=', workspaceId)
    .where('s.status', 'in', ['trialing', 'active', 'past_due'])
    .executeTakeFirst();
  const members_max = found && PlanLimits.parse(found.limits).members_max;
  return members_max === undefined ? undefined : { plan: found?.name ?? '', members_max };
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
