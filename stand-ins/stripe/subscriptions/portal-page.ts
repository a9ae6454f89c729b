import { Router, type Response } from 'express';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { updateCustomer } from '../customers.ts';
import { documentOf } from '../markup.ts';
import { sendPage } from '../page-answers.ts';
import { attachMethod, createMethod } from '../payment-methods.ts';
import { cardNamed } from '../test-cards.ts';
import { planEnd } from './cancellations.ts';
import { payingCard } from './collection.ts';
import type { SubscriptionRecord } from './objects.ts';
import { renderPortal } from './portal-markup.ts';
import { changeSubscription, nameOf } from './subscriptions.ts';

type PortalSession = Stripe.BillingPortal.Session;

/** The page at a portal session's `url`, where a customer looks after subscriptions and card. */
export function portalRouter(context: Context): Router {
  const router = Router();
  const { portal_sessions: sessions } = context.store;
  router.get('/p/session/:id', (request, response) => {
    show(context, sessions.get(request.params.id), response);
  });
  router.post('/p/session/:id/:action', (request, response) => {
    const session = sessions.get(request.params.id);
    if (session !== undefined) {
      const fields = new URLSearchParams(z.string().catch('').parse(request.body));
      act(context, session, request.params.action, fields);
      context.store.save();
    }
    response.redirect(303, `/p/session/${request.params.id}`);
  });
  return router;
}

function act(
  context: Context,
  session: PortalSession,
  action: string,
  fields: URLSearchParams,
): void {
  const records = recordsOf(context, session).filter(isRunning);
  if (action === 'card') {
    changeCard(context, session, records, fields.get('card') ?? '');
    return;
  }
  const record = records.find(({ subscription }) => subscription.id === fields.get('subscription'));
  if (record === undefined || (action !== 'cancel' && action !== 'keep')) return;
  const ends = action === 'cancel';
  changeSubscription(context, record, (subscription) => planEnd(subscription, ends), {});
}

/** The new card pays from now on what the customer has; what is open is paid at its invoice. */
function changeCard(
  context: Context,
  { customer: id }: PortalSession,
  records: readonly SubscriptionRecord[],
  card: string,
): void {
  if (!context.store.customers.has(id)) return;
  const method = createMethod(context, cardNamed(card));
  attachMethod(context, method, id);
  updateCustomer(context, id, { invoice_settings: { default_payment_method: method.id } });
  for (const record of records) {
    const change = (subscription: SubscriptionRecord['subscription']): void => {
      subscription.default_payment_method = method.id;
    };
    changeSubscription(context, record, change, {});
  }
}

function show(context: Context, session: PortalSession | undefined, response: Response): void {
  if (session === undefined) {
    const html = documentOf('Not found', '<h1>Not found</h1>\n<p>No portal has this address.</p>');
    sendPage(response, html, { status: 404 });
    return;
  }
  const records = recordsOf(context, session);
  const running = records.filter(isRunning);
  const card = running[0] ?? records[0];
  const html = renderPortal({
    session,
    subscriptions: running.map(({ subscription }) => ({
      subscription,
      name: subscription.items.data.map((item) => nameOf(context, item)).join(', '),
    })),
    card: card && payingCard(context, card)?.payment_method,
    invoices: [...context.store.invoices.values()]
      .filter(({ customer, status }) => customer === session.customer && status !== 'draft')
      .toReversed(),
  });
  sendPage(response, html);
}

function recordsOf({ store }: Context, { customer }: PortalSession): SubscriptionRecord[] {
  return [...store.subscriptions.values()].filter(
    ({ subscription }) => subscription.customer === customer,
  );
}

function isRunning({ subscription }: SubscriptionRecord): boolean {
  return subscription.status !== 'canceled';
}
