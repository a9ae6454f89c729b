import type { Context } from './context.ts';
import { parameterError } from './errors.ts';

/** For each kind of answer the fields that `expand` may name, and what kind is found there. */
const FIELDS = {
  session: {
    customer: 'customer',
    invoice: 'invoice',
    line_items: 'items',
    payment_intent: 'intent',
    setup_intent: 'setup',
    subscription: 'subscription',
  },
  sessions: { data: 'session' },
  item: { price: 'price' },
  items: { data: 'item' },
  price: { product: 'product' },
  prices: { data: 'price' },
  product: {},
  products: { data: 'product' },
  subscription: {
    customer: 'customer',
    default_payment_method: 'method',
    items: 'subscription_items',
    latest_invoice: 'invoice',
  },
  subscriptions: { data: 'subscription' },
  subscription_item: { price: 'price' },
  subscription_items: { data: 'subscription_item' },
  invoice: { customer: 'customer', parent: 'invoice_parent', payments: 'invoice_payments' },
  invoices: { data: 'invoice' },
  portal: {},
  invoice_parent: { subscription_details: 'invoice_subscription' },
  invoice_subscription: { subscription: 'subscription' },
  invoice_line: {},
  invoice_lines: { data: 'invoice_line' },
  invoice_payment: { invoice: 'invoice', payment: 'invoice_payment_by' },
  invoice_payments: { data: 'invoice_payment' },
  invoice_payment_by: { payment_intent: 'intent' },
  customer: { invoice_settings: 'invoice_settings', tax_ids: 'tax_ids' },
  invoice_settings: { default_payment_method: 'method' },
  tax_id: { customer: 'customer' },
  tax_ids: { data: 'tax_id' },
  customers: { data: 'customer' },
  intent: { customer: 'customer', latest_charge: 'charge', payment_method: 'method' },
  intents: { data: 'intent' },
  charge: { customer: 'customer', payment_intent: 'intent', refunds: 'refunds' },
  charges: { data: 'charge' },
  refund: { charge: 'charge', payment_intent: 'intent', payment_method: 'method' },
  refunds: { data: 'refund' },
  dispute: { charge: 'charge', payment_intent: 'intent' },
  disputes: { data: 'dispute' },
  method: { customer: 'customer' },
  methods: { data: 'method' },
  setup: { customer: 'customer', payment_method: 'method' },
  event: {},
  events: { data: 'event' },
} as const;

export type Expandable = keyof typeof FIELDS;

/** Stripe expands four levels and no more. */
const LEVELS_MAX = 4;

/** Throws a StripeError when one of the paths, such as `data.line_items`, cannot be expanded. */
export function checkExpansion(kind: Expandable, paths: readonly string[] = []): void {
  for (const path of paths) {
    const parts = path.split('.');
    let at: string | undefined = kind;
    for (const part of parts) {
      const fields = new Map<string, Readonly<Record<string, string>>>(Object.entries(FIELDS));
      at = new Map(Object.entries(fields.get(at) ?? {})).get(part);
      if (at !== undefined && parts.length <= LEVELS_MAX) continue;
      const message = `This property cannot be expanded (${path}).`;
      throw parameterError('expand', undefined, message);
    }
  }
}

/** The answer with the objects that `expand` names in place of their ids; nothing stored changes. */
export function expandAnswer(
  context: Context,
  answer: object,
  paths: readonly string[] = [],
): object {
  return paths.reduce((value, path) => expandPath(context, value, path.split('.')), answer);
}

function expandPath(context: Context, value: object, [name = '', ...rest]: string[]): object {
  const below = (child: unknown): unknown =>
    rest.length > 0 && typeof child === 'object' && child !== null
      ? expandPath(context, child, rest)
      : child;
  const found = resolve(context, new Map(Object.entries(value)), name);
  return { ...value, [name]: Array.isArray(found) ? found.map(below) : below(found) };
}

function resolve({ store }: Context, fields: Map<string, unknown>, name: string): unknown {
  const value = fields.get(name);
  if (name === 'line_items' && value === undefined) {
    const id = String(fields.get('id'));
    const data = store.checkouts.get(id)?.items ?? [];
    const url = `/v1/checkout/sessions/${id}/line_items`;
    return { object: 'list', data, has_more: false, url };
  }
  if (name === 'tax_ids' && value === undefined) {
    const id = String(fields.get('id'));
    const data = [...store.tax_ids.values()].filter((one) => one.customer === id).toReversed();
    return { object: 'list', data, has_more: false, url: `/v1/customers/${id}/tax_ids` };
  }
  if (name === 'refunds' && value === undefined) {
    const id = String(fields.get('id'));
    const data = [...store.refunds.values()].filter((one) => one.charge === id).toReversed();
    return { object: 'list', data, has_more: false, url: `/v1/charges/${id}/refunds` };
  }
  if (name === 'payments' && value === undefined) {
    const id = String(fields.get('id'));
    const data = [...store.invoice_payments.values()].filter(({ invoice }) => invoice === id);
    return { object: 'list', data, has_more: false, url: `/v1/invoice_payments?invoice=${id}` };
  }
  if (typeof value !== 'string') return value;
  if (store.deleted_customers.has(value)) return { id: value, object: 'customer', deleted: true };
  const products = [...store.checkouts.values()].flatMap((checkout) => checkout.products);
  return (
    store.customers.get(value) ??
    store.intents.get(value) ??
    store.charges.get(value) ??
    store.payment_methods.get(value) ??
    store.setup_intents.get(value) ??
    store.products.get(value) ??
    store.prices.get(value) ??
    store.subscriptions.get(value)?.subscription ??
    store.invoices.get(value) ??
    products.find((product) => product.id === value) ??
    value
  );
}
