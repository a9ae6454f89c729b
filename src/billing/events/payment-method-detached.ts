import { forgetCard, workspaceOfCard } from '../auto-top-up/saved-cards.ts';
import { DetachedMethod } from '../stripe-objects.ts';
import { about } from './event.ts';

/** A card was taken away at Stripe, so that it cannot be charged any more. */
export const paymentMethodDetached = about(DetachedMethod, async ({ staff }, { id }) => {
  const workspace_id = await workspaceOfCard(staff, id);
  if (workspace_id === undefined) return undefined;
  return {
    workspace_id,
    run: async (trx) => {
      await forgetCard(trx, id);
      return { state: 'done' };
    },
  };
});
