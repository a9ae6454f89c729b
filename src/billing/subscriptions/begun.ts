import { sql } from 'kysely';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { type EventWork, contextOf } from '../events/event.ts';
import { oneByOne } from '../one-by-one.ts';
import type { WorkingProvider } from '../provider.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { workOfPaidInvoice } from './invoices.ts';
import { StripeInvoice, StripeSubscription } from './objects.ts';
import { workOfBegunSession, workOfSubscription } from './updates.ts';

const AT_ONCE_MAX = 50;

/**
 * Asks Stripe what became of subscriptions that were begun some minutes ago and of which no webhook
 * told anything, and takes that in as a webhook would.
 */
export async function lookAfterBegun(
  connections: Connections,
  provider: WorkingProvider,
): Promise<void> {
  const begun = await connections.staff
    .selectFrom('subscriptions')
    .select('checkout_session_id')
    .where('status', '=', 'incomplete')
    .where('provider', '=', provider.mode)
    .where('livemode', '=', provider.livemode)
    .where('checkout_session_id', 'is not', null)
    .where('updated_at', '<', sql<Date>`now() - interval '3 minutes'`)
    .orderBy('updated_at')
    .limit(AT_ONCE_MAX)
    .execute();
  await oneByOne(begun, async ({ checkout_session_id: id }) => {
    if (id !== null) await takeInBegun(connections, provider, id);
  });
}

/** What a session of Stripe's, its subscription and its first invoice say, as it is at this moment. */
export async function takeInBegun(
  connections: Connections,
  provider: WorkingProvider,
  sessionId: string,
): Promise<void> {
  const expand = ['subscription.latest_invoice'];
  const asked_at = Math.floor(Date.now() / 1000);
  const answer = await provider.stripe.checkout.sessions.retrieve(sessionId, { expand });
  const session = CheckoutSession.parse(answer);
  const context = contextOf(connections, provider);
  await run(connections, await workOfBegunSession(context, session));
  const { subscription } = Expanded.parse(answer);
  if (subscription === null) return;
  const invoice = StripeInvoice.safeParse(subscription.latest_invoice);
  if (invoice.success && invoice.data.status === 'paid') {
    await run(connections, await workOfPaidInvoice(context, invoice.data, invoice.data.paid_at));
  }
  await run(connections, await workOfSubscription(context, subscription, asked_at));
}

async function run(connections: Connections, work: EventWork | undefined): Promise<void> {
  if (work === undefined) return;
  await inWorkspace(connections.app, work.workspace_id, (trx) => work.run(trx));
}

const Expanded = z.looseObject({
  subscription: StripeSubscription.nullish().transform((found) => found ?? null),
});
