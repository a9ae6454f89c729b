import { workOfSession } from '../payments/paid-sessions.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { workOfBegunSession } from '../subscriptions/updates.ts';
import { about } from './event.ts';

/** The payment page was left until it expired: nobody can pay this order there any more. */
export const checkoutSessionExpired = about(CheckoutSession, async (context, told) => {
  const session = { ...told, status: 'expired' };
  return (await workOfSession(context, session)) ?? workOfBegunSession(context, session);
});
