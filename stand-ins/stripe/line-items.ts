import type Stripe from 'stripe';
import { nowSeconds } from './context.ts';
import { formatMinor, MAXIMUM_MINOR, minimumMinor } from './currencies.ts';
import { missingResource, parameterError } from './errors.ts';
import { newId } from './identifiers.ts';
import type { LineItemParameters } from './session-parameters.ts';
import type { LineItem } from './state.ts';

/** What a session's lines come to, in minor units. */
export interface Totals {
  amount_subtotal: number;
  amount_tax: number;
  amount_total: number;
}

/** A line and the product that its `price_data` made. */
export interface Line {
  item: LineItem;
  product: Stripe.Product;
}

/** The lines of a new session; throws a StripeError for those that Stripe would refuse. */
export function makeLines(
  parameters: readonly LineItemParameters[],
  session_currency: string | undefined,
): Line[] {
  const lines = parameters.map(makeLine);
  const items = lines.map(({ item }) => item);
  const currency = session_currency ?? items[0]?.currency ?? '';
  const other = items.find((item) => item.currency !== currency);
  if (other !== undefined) {
    const message = `All line items must have the same currency: ${currency} and ${other.currency} were given.`;
    throw parameterError('line_items', undefined, message);
  }
  const total = totalsOf(items).amount_total;
  if (total < minimumMinor(currency)) {
    const least = formatMinor(minimumMinor(currency), currency);
    const message = `The Checkout Session's total amount due must add up to at least ${least} ${currency}`;
    throw parameterError('line_items', 'amount_too_small', message);
  }
  if (total > MAXIMUM_MINOR) {
    const most = formatMinor(MAXIMUM_MINOR, currency);
    const message = `The Checkout Session's total amount due must be no more than ${most} ${currency}`;
    throw parameterError('line_items', 'amount_too_large', message);
  }
  return lines;
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

/** The same lines with a tax on each, on top of the price or within it as the price says. */
export function withTax(items: readonly LineItem[], tax_percent: number): LineItem[] {
  return items.map((item) => {
    const inclusive = item.price.tax_behavior === 'inclusive';
    const base = item.amount_subtotal;
    const amount_tax = inclusive
      ? base - Math.round(base / (1 + tax_percent / 100))
      : Math.round((base * tax_percent) / 100);
    return { ...item, amount_tax, amount_total: inclusive ? base : base + amount_tax };
  });
}

function makeLine(parameters: LineItemParameters, index: number): Line {
  const at = `line_items[${index}]`;
  const { price_data, quantity } = parameters;
  if (parameters.price !== undefined) {
    throw missingResource('price', parameters.price, `${at}[price]`);
  }
  if (price_data === undefined) {
    const message = `You must specify either \`price\` or \`price_data\` for ${at}.`;
    throw parameterError(`${at}[price_data]`, 'parameter_missing', message);
  }
  if (price_data.product !== undefined) {
    throw missingResource('product', price_data.product, `${at}[price_data][product]`);
  }
  const { product_data, unit_amount } = price_data;
  if (product_data === undefined) throw missingParameter(`${at}[price_data][product_data]`);
  if (unit_amount === undefined) throw missingParameter(`${at}[price_data][unit_amount]`);
  if (quantity === undefined) {
    const message = `Quantity is required. Add \`quantity\` to \`${at}\``;
    throw parameterError(`${at}[quantity]`, 'parameter_missing', message);
  }
  const product = makeProduct(product_data);
  const item: LineItem = {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: unit_amount * quantity,
    amount_tax: 0,
    amount_total: unit_amount * quantity,
    currency: price_data.currency,
    description: product.name,
    metadata: parameters.metadata ?? {},
    price: makePrice(price_data, product.id, unit_amount),
    quantity,
  };
  return { item, product };
}

type PriceData = NonNullable<LineItemParameters['price_data']>;

function makePrice(data: PriceData, product: string, unit_amount: number): LineItem['price'] {
  return {
    id: newId('price'),
    object: 'price',
    active: false,
    billing_scheme: 'per_unit',
    created: nowSeconds(),
    currency: data.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product,
    recurring: null,
    tax_behavior: data.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount,
    unit_amount_decimal: String(unit_amount),
  };
}

function makeProduct(data: NonNullable<PriceData['product_data']>): Stripe.Product {
  return {
    id: newId('prod'),
    object: 'product',
    active: false,
    created: nowSeconds(),
    default_price: null,
    description: data.description ?? null,
    images: data.images ?? [],
    livemode: false,
    marketing_features: [],
    metadata: data.metadata ?? {},
    name: data.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: data.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: data.unit_label ?? null,
    updated: nowSeconds(),
    url: null,
  };
}

function missingParameter(param: string): Error {
  return parameterError(param, 'parameter_missing', `Missing required param: ${param}.`);
}
