import { forgetCustomer, workspaceOfCustomer } from '../stripe-customers.ts';
import { DeletedCustomer } from '../stripe-objects.ts';
import { about } from './event.ts';

/** Somebody deleted the customer at Stripe, and their cards with it: the next purchase makes another. */
export const customerDeleted = about(DeletedCustomer, async ({ staff }, { id }) => {
  const workspace_id = await workspaceOfCustomer(staff, id);
  if (workspace_id === undefined) return undefined;
  return {
    workspace_id,
    run: async (trx) => {
      await forgetCustomer(trx, id);
      return { state: 'done' };
    },
  };
});
