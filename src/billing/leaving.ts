import { sql } from 'kysely';
import Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';
import { findPayment } from './orders.ts';
import { abandon } from './payments/checks.ts';
import type { WorkingProvider } from './provider.ts';
import { forgetCustomer } from './stripe-customers.ts';

interface Dependencies {
  connections: Connections;
  provider: WorkingProvider;
  log: Logger;
}

const AT_ONCE = 20;
/** When Stripe does not answer, or a process ends meanwhile, it is asked again after this. */
const AGAIN_MINUTES = 30;

/** The library takes some error answers for success, so what came is looked at. */
const Deleted = z.object({ object: z.literal('customer'), deleted: z.literal(true) });

/**
 * Closes the payment pages of workspaces that were closed, and has Stripe delete who they were there.
 * What is paid all the same is booked as ever. Asking twice is harmless.
 */
export async function leaveStripe(work: Dependencies): Promise<void> {
  const { connections, provider, log } = work;
  for (const { workspace_id, customer_id } of await leaving(work)) {
    if (customer_id === null) continue;
    await closePages(work, workspace_id);
    try {
      Deleted.parse(await provider.stripe.customers.del(customer_id));
    } catch (error) {
      if (!isUnknown(error)) {
        log.warn({ err: error, workspace_id }, 'a customer could not be deleted at Stripe');
        continue;
      }
    }
    await inWorkspace(connections.app, workspace_id, (trx) => forgetCustomer(trx, customer_id));
  }
}

/** Somebody has deleted the customer before. */
function isUnknown(error: unknown): boolean {
  const isRefused = error instanceof Stripe.errors.StripeInvalidRequestError;
  return isRefused && error.code === 'resource_missing';
}

/** Some that are due; they are due again later, unless Stripe has deleted them by then. */
async function leaving({
  connections: { app, staff },
  provider: { mode, livemode },
}: Dependencies) {
  const due = await staff
    .selectFrom('stripe_customers')
    .select(['workspace_id', 'customer_id'])
    .where('leaves_at', '<=', sql<Date>`now()`)
    .where('customer_id', 'is not', null)
    .where('provider', '=', mode)
    .where('livemode', '=', livemode)
    .orderBy('leaves_at')
    .limit(AT_ONCE)
    .execute();
  for (const { workspace_id } of due) {
    await inWorkspace(app, workspace_id, (trx) =>
      trx
        .updateTable('stripe_customers')
        .set({ leaves_at: sql<Date>`now() + make_interval(mins => ${AGAIN_MINUTES})` })
        .where('workspace_id', '=', workspace_id)
        .where('provider', '=', mode)
        .where('livemode', '=', livemode)
        .execute(),
    );
  }
  return due;
}

async function closePages(work: Dependencies, workspaceId: string): Promise<void> {
  const open = await work.connections.staff
    .selectFrom('payments')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('status', '=', 'pending')
    .where('checkout_session_id', 'is not', null)
    .where('provider', '=', work.provider.mode)
    .where('livemode', '=', work.provider.livemode)
    .execute();
  for (const { id } of open) {
    const payment = await findPayment(work.connections.staff, id);
    if (payment !== undefined) await abandon(work, payment);
  }
}
