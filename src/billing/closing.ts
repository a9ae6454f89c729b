import { sql } from 'kysely';
import type { Origin } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { stop } from './auto-top-up/terms.ts';
import { forgetInBulkGrants } from './bulk-grant-retention.ts';
import { subscribedOf, updateSubscription } from './subscriptions.ts';

/**
 * Ends what would go on costing a workspace money that closes, and has it leave Stripe. Its payments
 * and invoices stay, with the details that were on them.
 * @throws AppError 422 `plan_runs` while a plan would be paid for again
 */
export async function endBilling(
  trx: Trx,
  workspace: { id: string; name: string },
  { person_id, origin }: { person_id: string; origin: Origin },
): Promise<void> {
  const { current } = await subscribedOf(trx, workspace.id);
  if (current?.provider === 'none') {
    await updateSubscription(trx, current.id, { cancel_at_period_end: true });
  } else if (current !== undefined && !current.cancel_at_period_end) {
    throw new AppError(
      422,
      'plan_runs',
      `The plan of ${workspace.name} would go on being paid for. Cancel it first, on its page Plan.`,
    );
  }
  const actor = { kind: 'person', id: person_id } as const;
  await stop(trx, workspace.id, 'turned_off', { actor, origin });
  await trx
    .updateTable('stripe_customers')
    .set({ leaves_at: sql<Date>`now()` })
    .where('workspace_id', '=', workspace.id)
    .execute();
  await trx.deleteFrom('billing_details').where('workspace_id', '=', workspace.id).execute();
  await forgetInBulkGrants(trx, workspace.id);
}
