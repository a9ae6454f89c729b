import { AMOUNT_MICRO_MAX } from './credits.ts';
import { currencyDecimals, payableStep } from './currencies.ts';

/** What a buyer may choose to pay in one currency, and what one credit costs then. */
export interface FreeAmount {
  currency: string;
  minimum_minor: bigint;
  maximum_minor: bigint;
  /** Of 10^-6 of the currency's unit: $0.10 is 100,000. */
  price_per_credit_micro: bigint;
}

/** The credits for a sum of money, rounded down to the micro-credit. */
export function creditsFor(
  amountMinor: bigint,
  offer: Pick<FreeAmount, 'currency' | 'price_per_credit_micro'>,
): bigint {
  // Both are parts of one unit of the currency: 10^-decimals the money, 10^-6 the price.
  const scale = 10n ** BigInt(12 - currencyDecimals(offer.currency));
  return (amountMinor * scale) / offer.price_per_credit_micro;
}

export type FreeAmountFault = 'below_minimum' | 'above_maximum' | 'not_payable';

/** What speaks against a sum; undefined when it can be bought. */
export function faultOf(amountMinor: bigint, offer: FreeAmount): FreeAmountFault | undefined {
  if (amountMinor < offer.minimum_minor) return 'below_minimum';
  if (amountMinor > offer.maximum_minor) return 'above_maximum';
  if (amountMinor % payableStep(offer.currency) !== 0n) return 'not_payable';
  const credits = creditsFor(amountMinor, offer);
  return credits > 0n && credits <= AMOUNT_MICRO_MAX ? undefined : 'not_payable';
}
