import Stripe from 'stripe';
import { z } from 'zod';
import type { Origin } from '../../lib/audit.ts';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { contextOf } from '../events/event.ts';
import { type WorkingProvider, orUnavailable } from '../provider.ts';
import { findSavedCard, forgetCard, workOfSetup } from './saved-cards.ts';
import { withStripeCustomer } from '../stripe-customers.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { cancelWaiting } from './charges.ts';
import { stop } from './terms.ts';

export interface SetupRequest {
  workspace: { id: string; name: string };
  email: string;
  currency: string;
  /** The form's: sent twice it is one page. */
  nonce: string;
  returnUrl: string;
  cancelUrl: string;
}

/**
 * Asks Stripe for a page on which somebody saves a card for their workspace.
 * @returns its URL. Throws AppError 503 `stripe_unavailable`
 */
export async function startCardSetup(
  connections: Connections,
  provider: WorkingProvider,
  request: SetupRequest,
): Promise<string> {
  const { id: workspace_id, name } = request.workspace;
  const about = { workspace_id, name, email: request.email };
  return orUnavailable('Nothing was saved. Try it again in a minute.', () => {
    return withStripeCustomer(connections, provider, about, (customer) =>
      openPage(provider, customer, request),
    );
  });
}

async function openPage(
  { stripe }: WorkingProvider,
  customer: string,
  { workspace, currency, nonce, returnUrl, cancelUrl }: SetupRequest,
): Promise<string> {
  const metadata = { scrip_auto_top_up: workspace.id };
  const session = await stripe.checkout.sessions.create(
    {
      mode: 'setup',
      customer,
      currency: currency.toLowerCase(),
      allowed_payment_method_types: ['card'],
      metadata,
      setup_intent_data: { metadata },
      success_url: `${returnUrl}?session=${SESSION_ID}`,
      cancel_url: cancelUrl,
    },
    { idempotencyKey: `card:${customer}:${nonce}` },
  );
  return Page.parse(session).url;
}

/** What Stripe replaces by the id of the session. */
const SESSION_ID = '{CHECKOUT_SESSION_ID}';

const Page = z.object({ object: z.literal('checkout.session'), url: z.url() });

/**
 * Keeps the card of somebody who comes back from saving one, if the webhook has not done so yet.
 * @returns whether the session was one of this workspace. Throws AppError 503 `stripe_unavailable`
 */
export async function takeBackCard(
  connections: Connections,
  provider: WorkingProvider,
  workspaceId: string,
  sessionId: string,
): Promise<boolean> {
  const work = await orUnavailable(
    'If you saved a card, it will be here soon. Look again in a minute.',
    async () => {
      const session = await provider.stripe.checkout.sessions.retrieve(sessionId).catch(orMissing);
      if (session === undefined) return undefined;
      const { setup_intent, metadata } = CheckoutSession.parse(session);
      if (setup_intent === null || metadata.scrip_auto_top_up !== workspaceId) return undefined;
      return workOfSetup(contextOf(connections, provider), setup_intent);
    },
  );
  if (work?.workspace_id !== workspaceId) return false;
  await inWorkspace(connections.app, workspaceId, (trx) => work.run(trx));
  return true;
}

/**
 * Takes the saved card away: first from auto top-up, then from Stripe, then from here.
 * Throws AppError 503 `stripe_unavailable`; then the card stays, and auto top-up is off all the same.
 */
export async function removeCard(
  { app }: Connections,
  provider: WorkingProvider,
  workspaceId: string,
  by: { person_id: string; origin: Origin },
): Promise<void> {
  const actor = { kind: 'person', id: by.person_id } as const;
  const card = await inWorkspace(app, workspaceId, async (trx) => {
    await cancelWaiting(trx, workspaceId);
    await stop(trx, workspaceId, 'turned_off', { actor, origin: by.origin });
    return findSavedCard(trx, workspaceId, provider);
  });
  if (card === undefined) return;
  const { payment_method_id: id } = card;
  await orUnavailable(
    'Auto top-up is off; the card is still saved. Try it again in a minute.',
    () =>
      provider.stripe.paymentMethods
        .detach(id, {}, { idempotencyKey: `detach:${id}` })
        // Stripe knows it no more, or not as a card of this customer's: that is what was wanted.
        .catch(orMissing),
  );
  await inWorkspace(app, workspaceId, (trx) => forgetCard(trx, id));
}

function orMissing(error: unknown): undefined {
  if (error instanceof Stripe.errors.StripeInvalidRequestError) return undefined;
  throw error;
}
