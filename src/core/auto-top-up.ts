import { AMOUNT_MICRO_MAX, least } from './credits.ts';

/** The most that Stripe takes in one charge, in minor units, whatever the currency. */
export const CHARGE_MINOR_MAX = 99_999_999n;

/** The shares of the monthly limit, in per cent, of which people are told when they are reached. */
export const NOTICE_PERCENTS = [80n, 100n] as const;

/** What somebody agreed to. */
export interface TopUpTerms {
  /** Credits are bought when fewer than these are available. */
  below_micro: bigint;
  /** What one package cost, and gave with its bonus, when it was agreed to. */
  price_minor: bigint;
  credits_micro: bigint;
  /** The most that is charged in a calendar month, with tax. */
  monthly_limit_minor: bigint;
}

export interface TopUpState {
  wallet: { available_micro: bigint; debt_micro: bigint; frozen: boolean; unlimited: boolean };
  terms: TopUpTerms;
  /** The package as it is on sale now, with its bonus; undefined when it is not any more. */
  offer: { price_minor: bigint; credits_micro: bigint } | undefined;
  /** What was charged in this month already; nothing may be on its way. */
  charged_minor: bigint;
}

export type TopUpDecision =
  | { outcome: 'charge'; packages: bigint }
  /** Nothing is wanted: enough is there, or the wallet is left alone. */
  | { outcome: 'enough' }
  | { outcome: 'limit_reached' }
  /** Dearer or less than what was agreed to, or not on sale: nobody agreed to that. */
  | { outcome: 'offer_changed' };

/**
 * Whether a wallet is topped up now and by how many packages: as many as bring what is available to
 * the mark again, debt being repaid first, in one charge, and no more than the month's limit leaves.
 */
export function decideTopUp({ wallet, terms, offer, charged_minor }: TopUpState): TopUpDecision {
  if (wallet.frozen || wallet.unlimited) return { outcome: 'enough' };
  if (wallet.available_micro >= terms.below_micro) return { outcome: 'enough' };
  if (offer === undefined || isWorse(offer, terms)) return { outcome: 'offer_changed' };
  const gap = terms.below_micro - wallet.available_micro + wallet.debt_micro;
  const wanted = (gap + offer.credits_micro - 1n) / offer.credits_micro;
  const left = terms.monthly_limit_minor - charged_minor;
  const payable = least(left < 0n ? 0n : left, CHARGE_MINOR_MAX) / offer.price_minor;
  const packages = least(wanted, payable, AMOUNT_MICRO_MAX / offer.credits_micro);
  return packages > 0n ? { outcome: 'charge', packages } : { outcome: 'limit_reached' };
}

/** The greatest share of the monthly limit that is reached and that people are told of. */
export function noticePercentOf(chargedMinor: bigint, limitMinor: bigint): bigint | undefined {
  return NOTICE_PERCENTS.findLast((percent) => chargedMinor * 100n >= limitMinor * percent);
}

function isWorse(
  offer: { price_minor: bigint; credits_micro: bigint },
  terms: TopUpTerms,
): boolean {
  return offer.price_minor > terms.price_minor || offer.credits_micro < terms.credits_micro;
}
