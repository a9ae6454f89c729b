import { workOfSession } from '../payments/paid-sessions.ts';
import { workOfSetupSession } from '../auto-top-up/saved-cards.ts';
import { CheckoutSession } from '../stripe-objects.ts';
import { workOfBegunSession } from '../subscriptions/updates.ts';
import { about } from './event.ts';

/** The buyer has gone through the payment page, or saved a card there. */
export const checkoutSessionCompleted = about(
  CheckoutSession,
  async (context, session) =>
    (await workOfSession(context, session)) ??
    (await workOfSetupSession(context, session)) ??
    workOfBegunSession(context, session),
);
