import type Stripe from 'stripe';
import { z } from 'zod';
import { nowSeconds, type Context } from '../context.ts';
import { missingResource, StripeError } from '../errors.ts';
import { newId } from '../identifiers.ts';
import { page, type List } from '../lists.ts';
import {
  boolean,
  changedMetadata,
  expand,
  listShape,
  metadata,
  metadataChange,
  notDone,
  text,
  url,
  type AllTrue,
  type Names,
} from '../parameters.ts';

const createShape = {
  active: boolean.optional(),
  default_price_data: notDone,
  description: text().optional(),
  expand,
  id: text().optional(),
  images: z.array(url).max(8).optional(),
  marketing_features: notDone,
  metadata: metadata.optional(),
  name: text(),
  package_dimensions: notDone,
  shippable: notDone,
  statement_descriptor: text(22).optional(),
  tax_code: text().optional(),
  tax_details: notDone,
  type: notDone,
  unit_label: text(12).optional(),
  url: url.optional(),
};

const updateShape = {
  active: boolean.optional(),
  default_price: notDone,
  description: z.union([z.literal('').transform(() => null), text()]).optional(),
  expand,
  images: notDone,
  marketing_features: notDone,
  metadata: metadataChange.optional(),
  name: text().optional(),
  package_dimensions: notDone,
  shippable: notDone,
  statement_descriptor: notDone,
  tax_code: notDone,
  tax_details: notDone,
  unit_label: notDone,
  url: notDone,
};

const productListShape = {
  ...listShape,
  active: boolean.optional(),
  ids: z.array(text()).optional(),
  shippable: notDone,
  type: notDone,
  url: text().optional(),
};

/** The compiler refuses this when a name above is not the SDK's, or one of the SDK's is left out. */
export type SameNamesAsTheSdk = AllTrue<
  [
    Names<typeof createShape, Stripe.ProductCreateParams>,
    Names<typeof updateShape, Stripe.ProductUpdateParams>,
    Names<typeof productListShape, Stripe.ProductListParams>,
  ]
>;

export const productCreateParameters = z.strictObject(createShape);
export const productUpdateParameters = z.strictObject(updateShape);
export const productListParameters = z.strictObject(productListShape);

/** What a product says of itself. Lines of a checkout make products that are not on sale. */
export interface NewProduct {
  id?: string | undefined;
  active?: boolean | undefined;
  description?: string | undefined;
  images?: string[] | undefined;
  metadata?: Stripe.Metadata | undefined;
  name: string;
  statement_descriptor?: string | undefined;
  tax_code?: string | undefined;
  unit_label?: string | undefined;
  url?: string | undefined;
}

/** A product in Stripe's full shape; nothing is stored. */
export function makeProduct(data: NewProduct): Stripe.Product {
  return {
    id: data.id ?? newId('prod'),
    object: 'product',
    active: data.active ?? true,
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
    statement_descriptor: data.statement_descriptor ?? null,
    tax_code: data.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: data.unit_label ?? null,
    updated: nowSeconds(),
    url: data.url ?? null,
  };
}

/** Makes a product of the catalogue. The caller saves. */
export function createProduct(context: Context, data: NewProduct): Stripe.Product {
  const { products } = context.store;
  if (data.id !== undefined && products.has(data.id)) {
    const message = 'Product already exists.';
    throw new StripeError({ status: 400, code: 'resource_already_exists', message, param: 'id' });
  }
  const product = makeProduct(data);
  products.set(product.id, product);
  return product;
}

/** Changes what may be changed. The caller saves. */
export function updateProduct(
  context: Context,
  parameters: z.output<typeof productUpdateParameters>,
  { id }: { id: string },
): Stripe.Product {
  const product = findProduct(context, id);
  const { active, description, name } = parameters;
  if (active !== undefined) product.active = active;
  if (description !== undefined) product.description = description;
  if (name !== undefined) product.name = name;
  product.metadata = changedMetadata(product.metadata, parameters.metadata);
  product.updated = nowSeconds();
  return product;
}

/** A product by its id; `param` names the parameter that gave the id. Throws a StripeError. */
export function findProduct(context: Context, id: string, param = 'id'): Stripe.Product {
  const product = context.store.products.get(id);
  if (product === undefined) throw missingResource('product', id, param);
  return product;
}

/** Products, the newest first. */
export function listProducts(
  context: Context,
  parameters: z.output<typeof productListParameters>,
): List<Stripe.Product> {
  const { active, ids } = parameters;
  const products = [...context.store.products.values()].filter(
    (product) =>
      (active === undefined || product.active === active) &&
      (ids === undefined || ids.includes(product.id)) &&
      (parameters.url === undefined || product.url === parameters.url),
  );
  return page(products, parameters, { url: '/v1/products', kind: 'product' });
}
