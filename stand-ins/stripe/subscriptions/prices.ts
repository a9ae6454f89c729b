import type Stripe from 'stripe';
import { nowSeconds, type Context } from '../context.ts';
import { missingResource, parameterError } from '../errors.ts';
import { newId } from '../identifiers.ts';
import { page, type List } from '../lists.ts';
import { changedMetadata } from '../parameters.ts';
import type { Price } from '../state.ts';
import type {
  PriceCreateParameters,
  PriceListParameters,
  PriceUpdateParameters,
  RecurringParameters,
} from './price-parameters.ts';
import { createProduct, findProduct } from './products.ts';

/** What a price says of itself. */
export interface NewPrice {
  active?: boolean | undefined;
  currency: string;
  lookup_key?: string | undefined;
  metadata?: Stripe.Metadata | undefined;
  nickname?: string | undefined;
  product: string;
  recurring?: RecurringParameters | undefined;
  tax_behavior?: Stripe.Price.TaxBehavior | undefined;
  unit_amount: number;
}

/** A price in Stripe's full shape; nothing is stored. */
export function makePrice(data: NewPrice): Price {
  const { recurring } = data;
  return {
    id: newId('price'),
    object: 'price',
    active: data.active ?? true,
    billing_scheme: 'per_unit',
    created: nowSeconds(),
    currency: data.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: data.lookup_key ?? null,
    metadata: data.metadata ?? {},
    nickname: data.nickname ?? null,
    product: data.product,
    recurring:
      recurring === undefined
        ? null
        : {
            interval: recurring.interval,
            interval_count: recurring.interval_count ?? 1,
            meter: null,
            trial_period_days: null,
            usage_type: 'licensed',
          },
    tax_behavior: data.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring === undefined ? 'one_time' : 'recurring',
    unit_amount: data.unit_amount,
    unit_amount_decimal: String(data.unit_amount),
  };
}

/** Makes a price of the catalogue, and its product where the data of one came along. */
export function createPrice(context: Context, parameters: PriceCreateParameters): Price {
  const { product, product_data, unit_amount, lookup_key, transfer_lookup_key, ...data } =
    parameters;
  if ((product === undefined) === (product_data === undefined)) {
    const message = 'You must specify either `product` or `product_data` when creating a price.';
    throw parameterError('product', 'parameter_missing', message);
  }
  if (unit_amount === undefined) {
    const message =
      'Prices require an `unit_amount`, `unit_amount_decimal` or `custom_unit_amount` parameter to be set.';
    throw parameterError(undefined, 'parameter_missing', message);
  }
  freeLookupKey(context, lookup_key, transfer_lookup_key ?? false);
  const owner =
    product_data === undefined
      ? findProduct(context, product ?? '', 'product')
      : createProduct(context, product_data);
  const price = makePrice({ ...data, lookup_key, unit_amount, product: owner.id });
  context.store.prices.set(price.id, price);
  return price;
}

/** Changes what may be changed of a price: not its amount. The caller saves. */
export function updatePrice(
  context: Context,
  parameters: PriceUpdateParameters,
  { id }: { id: string },
): Price {
  const price = findPrice(context, id);
  const { active, lookup_key, nickname, tax_behavior } = parameters;
  if (tax_behavior !== undefined && price.tax_behavior !== 'unspecified') {
    const message = 'You cannot change the `tax_behavior` of a price once it is set.';
    throw parameterError('tax_behavior', undefined, message);
  }
  if (lookup_key !== undefined && lookup_key !== price.lookup_key) {
    freeLookupKey(context, lookup_key, parameters.transfer_lookup_key ?? false);
    price.lookup_key = lookup_key;
  }
  if (active !== undefined) price.active = active;
  if (nickname !== undefined) price.nickname = nickname;
  if (tax_behavior !== undefined) price.tax_behavior = tax_behavior;
  price.metadata = changedMetadata(price.metadata, parameters.metadata);
  return price;
}

/** A price by its id; `param` names the parameter that gave the id. Throws a StripeError. */
export function findPrice(context: Context, id: string, param = 'id'): Price {
  const price = context.store.prices.get(id);
  if (price === undefined) throw missingResource('price', id, param);
  return price;
}

/** The product of a price, by its id. */
export function productIdOf({ product }: Price): string {
  return typeof product === 'string' ? product : product.id;
}

/** Prices, the newest first. */
export function listPrices(context: Context, parameters: PriceListParameters): List<Price> {
  const { active, currency, lookup_keys, product, recurring, type } = parameters;
  const prices = [...context.store.prices.values()].filter(
    (price) =>
      (active === undefined || price.active === active) &&
      (currency === undefined || price.currency === currency) &&
      (lookup_keys === undefined || lookup_keys.includes(price.lookup_key ?? '')) &&
      (product === undefined || price.product === product) &&
      (recurring?.interval === undefined || price.recurring?.interval === recurring.interval) &&
      (type === undefined || price.type === type),
  );
  return page(prices, parameters, { url: '/v1/prices', kind: 'price' });
}

/** A lookup key leads to one price; it is taken from the price that has it, or refused. */
function freeLookupKey({ store }: Context, key: string | undefined, transfer: boolean): void {
  if (key === undefined) return;
  const holder = [...store.prices.values()].find((price) => price.lookup_key === key);
  if (holder === undefined) return;
  if (!transfer) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key.`;
    throw parameterError('lookup_key', undefined, message);
  }
  holder.lookup_key = null;
}
