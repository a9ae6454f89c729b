import { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { AppError } from '../../lib/errors.ts';
import { type WorkingProvider, orUnavailable } from '../provider.ts';
import { findStripeCustomer } from '../stripe-customers.ts';

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
  provider: WorkingProvider,
  { workspace_id, nonce, returnUrl }: PortalRequest,
): Promise<string> {
  const customer = await inWorkspace(connections.app, workspace_id, (trx) =>
    findStripeCustomer(trx, workspace_id, provider),
  );
  if (customer === undefined) {
    throw new AppError(
      404,
      'no_customer',
      'Stripe does not know this workspace yet: nothing was paid.',
    );
  }
  return orUnavailable('Nothing was changed; try again in a moment.', async () => {
    const session = await provider.stripe.billingPortal.sessions.create(
      { customer, return_url: returnUrl },
      { idempotencyKey: `portal:${workspace_id}:${nonce}` },
    );
    return PortalSession.parse(session).url;
  });
}

const PortalSession = z.looseObject({
  object: z.literal('billing_portal.session'),
  url: z.url(),
});
