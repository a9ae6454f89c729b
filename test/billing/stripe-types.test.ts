import type Stripe from 'stripe';
import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { ListedCharge } from '../../src/billing/reconciliation/books.ts';
import type {
  Charge,
  CheckoutSession,
  DeletedCustomer,
  DetachedMethod,
  Dispute,
  PaymentIntent,
  Refund,
  SetupIntentWithCard,
} from '../../src/billing/stripe-objects.ts';
import type { StripeInvoice, StripeSubscription } from '../../src/billing/subscriptions/objects.ts';

/*
 * The library's types are Stripe's own description of the API version that is pinned. What they allow
 * a field to be, the schema of that field has to read: the compiler compares them, so that another
 * version of the library which says otherwise does not get through.
 */

/** What a schema reads, without the "and anything else" of loose objects. */
type Read<Schema extends z.ZodType> = Declared<z.input<Schema>>;
type Declared<Part> = Part extends readonly (infer Item)[]
  ? Declared<Item>[]
  : Part extends object
    ? { [Name in keyof Part as string extends Name ? never : Name]: Declared<Part[Name]> }
    : Part;

test('what Stripe documents in the pinned version is what is read', () => {
  expectTypeOf<Stripe.Checkout.Session>().toExtend<Read<typeof CheckoutSession>>();
  expectTypeOf<Stripe.PaymentIntent>().toExtend<Read<typeof PaymentIntent>>();
  expectTypeOf<Stripe.Charge>().toExtend<Read<typeof Charge>>();
  expectTypeOf<Stripe.Charge>().toExtend<Read<typeof ListedCharge>>();
  expectTypeOf<Stripe.Refund>().toExtend<Read<typeof Refund>>();
  expectTypeOf<Stripe.Dispute>().toExtend<Read<typeof Dispute>>();
  expectTypeOf<Stripe.PaymentMethod>().toExtend<Read<typeof DetachedMethod>>();
  expectTypeOf<Stripe.DeletedCustomer>().toExtend<Read<typeof DeletedCustomer>>();
  expectTypeOf<Stripe.Invoice>().toExtend<Read<typeof StripeInvoice>>();
  expectTypeOf<Stripe.Subscription>().toExtend<Read<typeof StripeSubscription>>();
  // Our own question expands the card.
  type WithCard = Omit<Stripe.SetupIntent, 'payment_method'> & {
    payment_method: Stripe.PaymentMethod | null;
  };
  expectTypeOf<WithCard>().toExtend<Read<typeof SetupIntentWithCard>>();
});
