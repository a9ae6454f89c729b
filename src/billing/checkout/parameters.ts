import type Stripe from 'stripe';
import { plainCredits } from '../../core/credits.ts';
import type { Known } from './known-values.ts';
import type { Payment } from '../orders.ts';
import type { Sold } from '../sold.ts';

type Parameters = Known<Stripe.Checkout.SessionCreateParams>;
type Locale = NonNullable<Parameters['locale']>;

export interface CheckoutRequest {
  payment: Payment;
  /** What Stripe knows the buyer's workspace as. */
  customer: string;
  /** Of the buyer's profile, a BCP 47 tag; undefined: as the browser says. */
  locale: string | undefined;
  /** Where Stripe sends the buyer back to. */
  returnUrl: string;
  cancelUrl: string;
}

/** What Stripe is asked for. The same order makes the same request. */
export function checkoutParameters(
  { payment, customer, locale, returnUrl, cancelUrl }: CheckoutRequest,
  automaticTax: boolean,
): Parameters {
  const metadata = {
    scrip_payment: payment.id,
    scrip_wallet: payment.wallet_id,
    scrip_package: payment.sold.package,
  };
  const description = describe(payment.sold);
  return {
    mode: 'payment',
    client_reference_id: payment.id,
    customer,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: payment.currency.toLowerCase(),
          unit_amount: Number(payment.subtotal_minor),
          product_data: { name: description },
          // What is compared with the order is the sum before tax.
          ...(automaticTax ? { tax_behavior: 'exclusive' } : {}),
        },
      },
    ],
    metadata,
    payment_intent_data: { metadata, description },
    locale: checkoutLocale(locale),
    success_url: returnUrl,
    cancel_url: cancelUrl,
    ...(automaticTax ? TAXED : {}),
  };
}

/** Stripe needs an address to know the tax, and keeps it, the name and the tax id with the customer. */
const TAXED: Partial<Parameters> = {
  automatic_tax: { enabled: true },
  billing_address_collection: 'required',
  tax_id_collection: { enabled: true },
  customer_update: { name: 'auto', address: 'auto' },
};

/** What the buyer reads on the payment page: "Professional: 500 credits and 50 bonus". */
function describe({ name, credits_micro, bonus_micro }: Sold): string {
  const bonus = bonus_micro > 0n ? ` and ${plainCredits(bonus_micro)} bonus` : '';
  return `${name}: ${plainCredits(credits_micro)} credits${bonus}`;
}

/** Every language in which Stripe has a payment page, as it writes them. */
const LOCALES: Readonly<Record<Exclude<Locale, 'auto'>, true>> = {
  ...{ bg: true, cs: true, da: true, de: true, el: true, en: true, 'en-GB': true, es: true },
  ...{ 'es-419': true, et: true, fi: true, fil: true, fr: true, 'fr-CA': true, 'hi-IN': true },
  ...{ hr: true, hu: true, id: true, it: true, ja: true, ko: true, lt: true, lv: true, ms: true },
  ...{ mt: true, nb: true, nl: true, pl: true, pt: true, 'pt-BR': true, ro: true, ru: true },
  ...{ sk: true, sl: true, sv: true, th: true, tr: true, vi: true, zh: true, 'zh-HK': true },
  'zh-TW': true,
};

/** The language of the payment page: the reader's with or without its region, else the browser's. */
export function checkoutLocale(tag: string | undefined): Locale {
  if (tag === undefined) return 'auto';
  const language = tag.split('-')[0];
  const fits = (one: string): boolean => one === tag || one === language;
  const isLocale = (one: string): one is Exclude<Locale, 'auto'> => Object.hasOwn(LOCALES, one);
  const found = Object.keys(LOCALES).filter(isLocale).filter(fits);
  return found.find((one) => one === tag) ?? found[0] ?? 'auto';
}
