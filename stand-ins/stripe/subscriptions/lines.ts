import { formatMinor } from '../currencies.ts';
import { newId } from '../identifiers.ts';
import { taxOn } from '../line-items.ts';
import type { Price } from '../state.ts';
import type { InvoiceLine, LineDraft, SubscriptionItem } from './objects.ts';
import { rhythmText } from './periods.ts';
import { productIdOf } from './prices.ts';

/** What an item costs for a whole period, in minor units. */
export function amountOf({ price, quantity }: { price: Price; quantity: number }): number {
  return (price.unit_amount ?? 0) * quantity;
}

/** The line of an item for a whole period; in a trial nothing is paid for it. */
export function fullLine(
  item: SubscriptionItem,
  name: string,
  period: LineDraft['period'],
  trial = false,
): LineDraft {
  const { price, quantity } = item;
  const each = formatMinor(price.unit_amount ?? 0, price.currency);
  const every = price.recurring === null ? '' : ` / ${rhythmText(price.recurring)}`;
  return {
    amount: trial ? 0 : amountOf(item),
    description: trial ? `Trial period for ${name}` : `${quantity} × ${name} (at ${each}${every})`,
    period,
    price,
    proration: false,
    quantity,
    subscription_item: item.id,
  };
}

/** A draft as a line of an invoice, with its tax. */
export function makeLine(
  draft: LineDraft,
  {
    invoice,
    subscription,
    tax_percent,
  }: {
    invoice: string | null;
    subscription: { id: string; metadata: Record<string, string> };
    tax_percent: number | null;
  },
): InvoiceLine {
  const { amount, price, proration, quantity } = draft;
  const inclusive = price.tax_behavior === 'inclusive';
  const tax = tax_percent === null ? 0 : taxOn(amount, tax_percent, inclusive);
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: price.currency,
    description: draft.description,
    discount_amounts: [],
    discountable: !proration,
    discounts: [],
    invoice,
    livemode: false,
    metadata: { ...subscription.metadata },
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: proration ? newId('ii') : null,
        proration,
        proration_details: proration ? { credited_items: null } : null,
        subscription: subscription.id,
        subscription_item: draft.subscription_item,
      },
      type: 'subscription_item_details',
    },
    period: { ...draft.period },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: productIdOf(price) },
      type: 'price_details',
      unit_amount_decimal: price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: String(quantity),
    subscription: subscription.id,
    subtotal: amount,
    taxes:
      tax_percent === null
        ? []
        : [
            {
              amount: tax,
              tax_behavior: inclusive ? 'inclusive' : 'exclusive',
              tax_rate_details: { tax_rate: 'txr_stand_in' },
              taxability_reason: tax_percent === 0 ? 'zero_rated' : 'standard_rated',
              taxable_amount: inclusive ? amount - tax : amount,
              type: 'tax_rate_details',
            },
          ],
  };
}
