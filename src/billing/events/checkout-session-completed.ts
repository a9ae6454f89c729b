import { workOfSession } from '../paid-sessions.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { workOfBegunSession } from '../subscription-updates.ts';
import { about } from './event.ts';

/** The buyer has gone through the payment page. */
export const checkoutSessionCompleted = about(
  CheckoutSession,
  async (context, session) =>
    (await workOfSession(context, session)) ?? workOfBegunSession(context, session),
);
