import { workOfSetup } from '../auto-top-up/saved-cards.ts';
import { OfAutoTopUp } from '../stripe-objects.ts';
import { about } from './event.ts';

/** Somebody saved a card. Others' setups, and those of a subscription, are theirs. */
export const setupIntentSucceeded = about(OfAutoTopUp, async (context, { id, metadata }) =>
  metadata.scrip_auto_top_up === undefined ? undefined : workOfSetup(context, id),
);
