import Stripe from 'stripe';
import { z } from 'zod';
import type { PlanPrice } from '../plans.ts';
import type { WorkingProvider } from '../provider.ts';

/** Of each account, by our own id of the price. What is wrong about it is asked for anew. */
const known = new WeakMap<Stripe, Map<string, string>>();

/**
 * Stripe's price of a plan's price: found by its lookup key, and made when it is missing, with its
 * product. Nothing is stored: another account, or test after live, has prices of its own.
 * @returns Stripe's id of it. Throws Stripe's errors.
 */
export async function stripePriceOf(
  { stripe }: Pick<WorkingProvider, 'stripe'>,
  plan: PlanPrice,
): Promise<string> {
  const ids = known.get(stripe) ?? new Map<string, string>();
  known.set(stripe, ids);
  const before = ids.get(plan.id);
  if (before !== undefined) return before;
  const id = (await findPrice(stripe, plan)) ?? (await makePrice(stripe, plan));
  ids.set(plan.id, id);
  return id;
}

/** Asks anew next time: somebody may have archived it at Stripe. */
export function forgetStripePrice({ stripe }: Pick<WorkingProvider, 'stripe'>, id: string): void {
  known.get(stripe)?.delete(id);
}

function lookupKeyOf(plan: PlanPrice): string {
  return `scrip_${plan.id}`;
}

async function findPrice(stripe: Stripe, plan: PlanPrice): Promise<string | undefined> {
  const listed = Prices.parse(
    await stripe.prices.list({ lookup_keys: [lookupKeyOf(plan)], active: true, limit: 1 }),
  );
  const [price] = listed.data;
  if (price !== undefined && !isOf(price, plan)) {
    throw new Error(`the price ${price.id} at Stripe is not what ${lookupKeyOf(plan)} costs here`);
  }
  return price?.id;
}

function isOf(price: z.output<typeof Price>, plan: PlanPrice): boolean {
  return (
    price.unit_amount === Number(plan.price_minor) &&
    price.currency === plan.currency.toLowerCase() &&
    price.recurring?.interval === plan.period &&
    price.recurring.interval_count === 1
  );
}

async function makePrice(stripe: Stripe, plan: PlanPrice): Promise<string> {
  const made = await stripe.prices.create(
    {
      currency: plan.currency.toLowerCase(),
      unit_amount: Number(plan.price_minor),
      recurring: { interval: plan.period },
      lookup_key: lookupKeyOf(plan),
      product: await productOf(stripe, plan),
      metadata: { scrip_plan: plan.code },
    },
    { idempotencyKey: `price:${plan.id}` },
  );
  return Price.parse(made).id;
}

async function productOf(stripe: Stripe, plan: PlanPrice): Promise<string> {
  const id = `scrip_${plan.plan_id}`;
  const product = { id, name: plan.name, metadata: { scrip_plan: plan.code } };
  try {
    const made = await stripe.products.create(product, {
      idempotencyKey: `product:${plan.plan_id}`,
    });
    return Product.parse(made).id;
  } catch (error) {
    const isThere =
      error instanceof Stripe.errors.StripeInvalidRequestError &&
      error.code === 'resource_already_exists';
    if (isThere) return id;
    throw error;
  }
}

// The library takes some error answers for success, so what came is looked at.
const Product = z.looseObject({ object: z.literal('product'), id: z.string().min(1) });
const Price = z.looseObject({
  object: z.literal('price'),
  id: z.string().min(1),
  unit_amount: z.number().nullable(),
  currency: z.string(),
  recurring: z.looseObject({ interval: z.string(), interval_count: z.number() }).nullable(),
});
const Prices = z.looseObject({ object: z.literal('list'), data: z.array(Price) });
