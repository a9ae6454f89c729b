import { nowSeconds } from '../context.ts';
import { formatMinor } from '../currencies.ts';
import { totalsOf, withTax } from '../line-items.ts';
import type { Checkout, LineItem } from '../state.ts';
import { amountOf } from './lines.ts';
import { dayText, rhythmText } from './periods.ts';
import { trialEnd } from './signing-up.ts';

/** What the payment page of a subscription says of what is paid, and when. */
export interface SubscriptionTexts {
  /** For example `€9.00 each month`. */
  heading: string;
  terms: string;
  button: string;
}

/** The texts for an open session, with the tax of the day. */
export function subscriptionTexts(
  checkout: Checkout,
  { tax_percent, locale }: { tax_percent: number; locale: string },
): SubscriptionTexts {
  const { items, session } = checkout;
  const whole = items.map((item) => {
    const amount = amountOf({ price: item.price, quantity: item.quantity ?? 1 });
    return { ...item, amount_subtotal: amount, amount_total: amount };
  });
  const taxed = session.automatic_tax.enabled ? withTax(whole, tax_percent) : whole;
  const money = formatMinor(totalsOf(taxed).amount_total, session.currency ?? 'usd', locale);
  const heading = `${money} ${everyOf(items)}`;
  const trial = trialEnd(checkout, nowSeconds());
  const terms =
    trial === null
      ? `${heading} from today, until it is cancelled.`
      : `Nothing is due today. ${heading} from ${dayText(trial)}, unless it is cancelled before.`;
  return { heading, terms, button: trial === null ? 'Subscribe' : 'Start the trial' };
}

/** `each month`, or `every 3 months`. */
export function everyOf(items: readonly Pick<LineItem, 'price'>[]): string {
  const rhythm = items[0]?.price.recurring;
  if (!rhythm) return '';
  return `${rhythm.interval_count === 1 ? 'each' : 'every'} ${rhythmText(rhythm)}`;
}
