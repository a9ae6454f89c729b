import { z } from 'zod';

/*
 * What Stripe's objects say, as far as this program reads it: in the form of the API version that
 * the library pins, and where it costs little of older ones that a webhook may still be set to.
 */

export const minor = z.int().transform(BigInt);
export const minorOrNull = minor.nullish().transform((amount) => amount ?? null);
export const currency = z.string().transform((code) => code.toUpperCase());
/** An object's id, whether the object was expanded or not. */
export const idOrObject = z
  .union([z.string(), z.looseObject({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null);

/** Ours, as far as it is there: anybody may write into the metadata of their own objects. */
export const Metadata = z
  .looseObject({
    scrip_payment: z.uuid().optional().catch(undefined),
    scrip_wallet: z.uuid().optional().catch(undefined),
    scrip_package: z.string().max(100).optional().catch(undefined),
    scrip_subscription: z.uuid().optional().catch(undefined),
    scrip_plan_price: z.uuid().optional().catch(undefined),
    scrip_auto_top_up: z.uuid().optional().catch(undefined),
  })
  .nullish()
  .transform((metadata) => metadata ?? {});

export const CheckoutSession = z.looseObject({
  id: z.string().min(1),
  mode: z.string().nullish(),
  status: z.string().nullish(),
  payment_status: z.string().nullish(),
  amount_subtotal: minorOrNull,
  amount_total: minorOrNull,
  total_details: z.looseObject({ amount_discount: minor, amount_tax: minorOrNull }).nullish(),
  currency: currency.nullish().transform((code) => code ?? null),
  payment_intent: idOrObject,
  setup_intent: idOrObject,
  subscription: idOrObject,
  customer: idOrObject,
  metadata: Metadata,
});
export type CheckoutSession = z.output<typeof CheckoutSession>;

export const PaymentIntent = z.looseObject({
  id: z.string().min(1),
  status: z.string(),
  amount: minor,
  amount_received: minorOrNull,
  amount_details: z
    .looseObject({ tax: z.looseObject({ total_tax_amount: minorOrNull }).nullish() })
    .nullish(),
  currency,
  customer: idOrObject,
  payment_method: idOrObject,
  last_payment_error: z
    .looseObject({ code: z.string().nullish(), decline_code: z.string().nullish() })
    .nullish(),
  metadata: Metadata,
});
export type PaymentIntent = z.output<typeof PaymentIntent>;

/** A card that was saved, with the card itself: only our own question expands it. */
export const SetupIntentWithCard = z.looseObject({
  id: z.string().min(1),
  object: z.literal('setup_intent'),
  status: z.string(),
  created: z.int(),
  livemode: z.boolean(),
  customer: idOrObject,
  payment_method: z
    .looseObject({
      id: z.string().min(1),
      customer: idOrObject,
      card: z
        .looseObject({
          brand: z.string(),
          last4: z.string(),
          exp_month: z.int(),
          exp_year: z.int(),
        })
        .nullish(),
    })
    .nullable(),
  metadata: Metadata,
});
export type SetupIntent = z.output<typeof SetupIntentWithCard>;

/** What an event says of a setup: whether it is ours; the rest is asked for. */
export const OfAutoTopUp = z.looseObject({ id: z.string().min(1), metadata: Metadata });

export const DetachedMethod = z.looseObject({ id: z.string().min(1) });

export const Charge = z.looseObject({
  id: z.string().min(1),
  payment_intent: idOrObject,
  amount: minor,
  amount_refunded: minor,
  currency,
  metadata: Metadata,
});
export type Charge = z.output<typeof Charge>;

export const Refund = z.looseObject({
  id: z.string().min(1),
  object: z.literal('refund'),
  amount: minor,
  currency,
  charge: idOrObject,
  payment_intent: idOrObject,
  status: z.string().nullish(),
  failure_reason: z.string().nullish(),
  metadata: z
    .looseObject({ scrip_refund: z.uuid().optional().catch(undefined) })
    .nullish()
    .transform((metadata) => metadata ?? {}),
});
export type Refund = z.output<typeof Refund>;

export const Dispute = z.looseObject({
  id: z.string().min(1),
  amount: minor,
  currency,
  charge: idOrObject,
  payment_intent: idOrObject,
  status: z.string(),
  reason: z.string(),
  created: z.int(),
  evidence_details: z.looseObject({ due_by: z.int().nullish() }).nullish(),
});
export type Dispute = z.output<typeof Dispute>;

export const DeletedCustomer = z.looseObject({ id: z.string().min(1) });
