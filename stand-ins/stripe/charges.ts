import type Stripe from 'stripe';
import { z } from 'zod';
import type { Context } from './context.ts';
import { missingResource } from './errors.ts';
import { idOf } from './identifiers.ts';
import { page, type List } from './lists.ts';
import { listShape, text, type AllTrue, type Names } from './parameters.ts';

const chargeListShape = {
  ...listShape,
  customer: text().optional(),
  payment_intent: text().optional(),
  transfer_group: text().optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<[Names<typeof chargeListShape, Stripe.ChargeListParams>]>;

export const chargeListParameters = z.strictObject(chargeListShape);

/** A charge by its id; `param` names the parameter that gave the id. */
export function findCharge(context: Context, id: string, param = 'id'): Stripe.Charge {
  const charge = context.store.charges.get(id);
  if (charge === undefined) throw missingResource('charge', id, param);
  return charge;
}

/** Charges, the newest first. */
export function listCharges(
  context: Context,
  parameters: z.output<typeof chargeListParameters>,
): List<Stripe.Charge> {
  const { customer, payment_intent, transfer_group } = parameters;
  const charges = [...context.store.charges.values()].filter(
    (charge) =>
      (customer === undefined || idOf(charge.customer) === customer) &&
      (payment_intent === undefined || idOf(charge.payment_intent) === payment_intent) &&
      (transfer_group === undefined || charge.transfer_group === transfer_group),
  );
  return page(charges, parameters, { url: '/v1/charges', kind: 'charge' });
}
