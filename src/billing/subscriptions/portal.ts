import Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { AppError } from '../../lib/errors.ts';
import type { WorkingProvider } from '../provider.ts';

interface PortalRequest {
  workspace_id: string;
  nonce: string;
  returnUrl: string;
}

/**
 * Where a workspace looks after its card and sees Stripe's invoices: a page of Stripe's, for a while.
 * @throws AppError 404 `no_customer`, 503 `stripe_unavailable`
 */
export async function portalOf(
  connections: Connections,
  { stripe, mode, livemode }: WorkingProvider,
  { workspace_id, nonce, returnUrl }: PortalRequest,
): Promise<string> {
  const known = await inWorkspace(connections.app, workspace_id, (trx) =>
    trx
      .selectFrom('stripe_customers')
      .select('customer_id')
      .where('workspace_id', '=', workspace_id)
      .where('provider', '=', mode)
      .where('livemode', '=', livemode)
      .executeTakeFirst(),
  );
  const customer = known?.customer_id ?? null;
  if (customer === null) {
    throw new AppError(
      404,
      'no_customer',
      'Stripe does not know this workspace yet: nothing was paid.',
    );
  }
  try {
    const session = await stripe.billingPortal.sessions.create(
      { customer, return_url: returnUrl },
      { idempotencyKey: `portal:${workspace_id}:${nonce}` },
    );
    return PortalSession.parse(session).url;
  } catch (error) {
    const isOfStripe = error instanceof Stripe.errors.StripeError || error instanceof z.ZodError;
    if (!isOfStripe) throw error;
    throw new AppError(
      503,
      'stripe_unavailable',
      'Stripe did not answer. Nothing was changed; try again in a moment.',
      {},
      { cause: error },
    );
  }
}

const PortalSession = z.looseObject({
  object: z.literal('billing_portal.session'),
  url: z.url(),
});
