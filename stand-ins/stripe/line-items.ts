import type Stripe from 'stripe';
import type { Context } from './context.ts';
import { formatMinor, MAXIMUM_MINOR, minimumMinor, stepMinor } from './currencies.ts';
import { parameterError } from './errors.ts';
import { newId } from './identifiers.ts';
import type { LineItemParameters } from './session-parameters.ts';
import type { LineItem, Price } from './state.ts';
import { findPrice, makePrice, productIdOf } from './subscriptions/prices.ts';
import { findProduct, makeProduct } from './subscriptions/products.ts';

/** What a session's lines come to, in minor units. */
export interface Totals {
  amount_subtotal: number;
  amount_tax: number;
  amount_total: number;
}

/** A line, and the product that its price is of. */
export interface Line {
  item: LineItem;
  product: Stripe.Product;
}

/** What the session says of its lines. */
export interface LinesOrder {
  mode: 'payment' | 'subscription';
  currency: string | undefined;
  /** Whether nothing is paid yet. */
  trial: boolean;
}

/**
 * The lines of a new session; prices and products that were given as data are stored. Throws a
 * StripeError for those that Stripe would refuse.
 */
export function makeLines(
  context: Context,
  parameters: readonly LineItemParameters[],
  order: LinesOrder,
): Line[] {
  const lines = parameters.map((line, index) => makeLine(context, line, index, order.trial));
  const items = lines.map(({ item }) => item);
  const currency = order.currency ?? items[0]?.currency ?? '';
  const other = items.find((item) => item.currency !== currency);
  if (other !== undefined) {
    const message = `All line items must have the same currency: ${currency} and ${other.currency} were given.`;
    throw parameterError('line_items', undefined, message);
  }
  checkModes(items, order.mode);
  checkTotal(totalsOf(items).amount_total, currency, order.mode);
  for (const { item, product } of lines) {
    context.store.products.set(product.id, product);
    context.store.prices.set(item.price.id, item.price);
  }
  return lines;
}

function checkTotal(total: number, currency: string, mode: LinesOrder['mode']): void {
  const step = stepMinor(currency);
  if (total % step !== 0) {
    const message = `Invalid integer: ${total}. Amounts in ${currency} must be multiples of ${step}.`;
    throw parameterError('line_items', 'parameter_invalid_integer', message);
  }
  // A trial, or a plan at no price, is paid by nobody.
  if (total < minimumMinor(currency) && !(mode === 'subscription' && total === 0)) {
    const least = formatMinor(minimumMinor(currency), currency);
    const message = `The Checkout Session's total amount due must add up to at least ${least} ${currency}`;
    throw parameterError('line_items', 'amount_too_small', message);
  }
  if (total > MAXIMUM_MINOR) {
    const most = formatMinor(MAXIMUM_MINOR, currency);
    const message = `The Checkout Session's total amount due must be no more than ${most} ${currency}`;
    throw parameterError('line_items', 'amount_too_large', message);
  }
}

function checkModes(items: readonly LineItem[], mode: LinesOrder['mode']): void {
  const recurring = items.flatMap(({ price }) => (price.recurring === null ? [] : price.recurring));
  if (mode === 'payment') {
    if (recurring.length === 0) return;
    const message =
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.';
    throw parameterError('line_items', undefined, message);
  }
  if (recurring.length === 0) {
    const message =
      'You must provide at least one recurring price in `subscription` mode when using prices.';
    throw parameterError('line_items', undefined, message);
  }
  if (recurring.length < items.length) {
    const message = 'This stand-in for Stripe does not do one-time prices in `subscription` mode.';
    throw parameterError('line_items', 'stand_in_unsupported', message);
  }
  const rhythms = recurring.map(({ interval, interval_count }) => `${interval_count} ${interval}`);
  if (new Set(rhythms).size > 1) {
    const message = 'Checkout does not support multiple prices with different billing intervals.';
    throw parameterError('line_items', undefined, message);
  }
}

/** The sums over all lines. */
export function totalsOf(items: readonly LineItem[]): Totals {
  const sum = (amount: (item: LineItem) => number): number =>
    items.reduce((total, item) => total + amount(item), 0);
  return {
    amount_subtotal: sum((item) => item.amount_subtotal),
    amount_tax: sum((item) => item.amount_tax),
    amount_total: sum((item) => item.amount_total),
  };
}

/** The tax on an amount of minor units, or the part of it that is tax. */
export function taxOn(amount: number, tax_percent: number, inclusive: boolean): number {
  return inclusive
    ? amount - Math.round(amount / (1 + tax_percent / 100))
    : Math.round((amount * tax_percent) / 100);
}

/** The same lines with a tax on each, on top of the price or within it as the price says. */
export function withTax(items: readonly LineItem[], tax_percent: number): LineItem[] {
  return items.map((item) => {
    const inclusive = item.price.tax_behavior === 'inclusive';
    const base = item.amount_subtotal;
    const amount_tax = taxOn(base, tax_percent, inclusive);
    return { ...item, amount_tax, amount_total: inclusive ? base : base + amount_tax };
  });
}

function makeLine(
  context: Context,
  parameters: LineItemParameters,
  index: number,
  trial: boolean,
): Line {
  const at = `line_items[${index}]`;
  const { quantity } = parameters;
  const price = priceOf(context, parameters, at);
  const { product } = price;
  if (quantity === undefined) {
    const message = `Quantity is required. Add \`quantity\` to \`${at}\``;
    throw parameterError(`${at}[quantity]`, 'parameter_missing', message);
  }
  const amount = trial ? 0 : (price.price.unit_amount ?? 0) * quantity;
  const item: LineItem = {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.price.currency,
    description: product.name,
    metadata: parameters.metadata ?? {},
    price: price.price,
    quantity,
  };
  return { item, product };
}

/** The price of a line: one of the catalogue, or a new one that is not on sale. */
function priceOf(
  context: Context,
  { price: id, price_data }: LineItemParameters,
  at: string,
): { price: Price; product: Stripe.Product } {
  if (id !== undefined) {
    const price = findPrice(context, id, `${at}[price]`);
    if (!price.active) {
      const message = 'The price specified is inactive. This field only accepts active prices.';
      throw parameterError(`${at}[price]`, undefined, message);
    }
    return { price, product: findProduct(context, productIdOf(price)) };
  }
  if (price_data === undefined) {
    const message = `You must specify either \`price\` or \`price_data\` for ${at}.`;
    throw parameterError(`${at}[price_data]`, 'parameter_missing', message);
  }
  const { unit_amount } = price_data;
  if (unit_amount === undefined) throw missingParameter(`${at}[price_data][unit_amount]`);
  const product = productOf(context, price_data, at);
  if (product === undefined) throw missingParameter(`${at}[price_data][product_data]`);
  const { currency, recurring, tax_behavior } = price_data;
  const news = { active: false, currency, recurring, tax_behavior, unit_amount };
  return { price: makePrice({ ...news, product: product.id }), product };
}

function productOf(
  context: Context,
  { product, product_data }: NonNullable<LineItemParameters['price_data']>,
  at: string,
): Stripe.Product | undefined {
  if (product !== undefined) {
    return findProduct(context, product, `${at}[price_data][product]`);
  }
  return product_data && makeProduct({ ...product_data, active: false });
}

function missingParameter(param: string): Error {
  return parameterError(param, 'parameter_missing', `Missing required param: ${param}.`);
}
