import type Stripe from 'stripe';
import { z } from 'zod';
import { idOf, press, type Shop } from './stripe-shop.ts';

export const DAY_SECONDS = 24 * 3600;

/** A recurring price of the catalogue, 9 euros a month when nothing else is said. */
export async function aPrice(
  { stripe }: Shop,
  more: Partial<Stripe.PriceCreateParams> = {},
): Promise<Stripe.Price> {
  return stripe.prices.create({
    currency: 'eur',
    unit_amount: 900,
    recurring: { interval: 'month' },
    product_data: { name: 'Team' },
    ...more,
  });
}

/** The parameters of a session that subscribes to a price. */
export function aSubscription(
  price: Stripe.Price,
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: 'http://127.0.0.1:9/thanks?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back',
    ...more,
  };
}

/** Subscribes at the payment page, and answers the subscription with its latest invoice. */
export async function subscribe(
  shop: Shop,
  price: Stripe.Price,
  {
    card = 'pm_card_visa',
    ...more
  }: Partial<Stripe.Checkout.SessionCreateParams> & { card?: string } = {},
): Promise<Stripe.Subscription> {
  const made = await shop.stripe.checkout.sessions.create(aSubscription(price, more));
  await press(made, 'pay', 'at_once', card);
  const session = await shop.stripe.checkout.sessions.retrieve(made.id);
  return shop.stripe.subscriptions.retrieve(idOf(session.subscription));
}

/** Moves the clock to just after a moment. */
export async function moveTo(shop: Shop, at: number): Promise<void> {
  await shop.control('/clock', { to: at + 1 });
}

/** The end of the running period. */
export function endOf({ items }: Stripe.Subscription): number {
  return items.data[0]?.current_period_end ?? 0;
}

const Event = z.looseObject({ id: z.string(), type: z.string() });

/** The types of all events so far, the oldest first, without what cards and payments send. */
export async function billingEvents(shop: Shop): Promise<string[]> {
  const events = z.array(Event).parse(await shop.control('/events'));
  return events.map(({ type }) => type).filter((type) => /^(customer\.sub|invoice\.)/.test(type));
}

/** What the newest event of a type carries. */
export async function latest(
  shop: Shop,
  type: string,
): Promise<{ object: unknown; previous_attributes?: unknown }> {
  const { data } = await shop.stripe.events.list({ type, limit: 1 });
  if (data[0] === undefined) throw new Error(`there was no ${type}`);
  return data[0].data;
}
