import {
  type FreeAmountOnSale,
  PRICE_PER_CREDIT_DECIMALS,
  freeAmountContent,
  freeAmountIn,
  toldFreeAmount,
} from '../../billing/free-amounts.ts';
import { toldPrices } from '../../billing/package-versions.ts';
import {
  REFERRAL_CODE,
  type ReferralTerms,
  referralContent,
  referralIn,
  toldReferral,
} from '../../billing/referrals.ts';
import { decimalCredits, plainCredits } from '../../core/credits.ts';
import { isCurrency } from '../../core/currencies.ts';
import { parseDecimal, partsOfDecimal } from '../../core/decimal.ts';
import { faultOf } from '../../core/free-amounts.ts';
import { formatMoney, writtenMoney } from '../../core/money.ts';
import { itemKind } from './items.ts';
import type { Read } from './kinds.ts';
import { Reading } from './reading.ts';

const GOOD_FOR = {
  name: 'expires',
  label: 'Credits are good for',
  as: 'number',
  unit: 'days',
  hint: 'Empty: for ever.',
} as const;

export const ownAmountKind = itemKind<FreeAmountOnSale>({
  kind: 'own_amount',
  path: 'own-amounts',
  title: 'Own amounts',
  one: 'own amount',
  about: 'Sums that buyers choose themselves, in each currency in which they may',
  in_use: 'On sale',
  keeps: 'Orders keep the credits and the price that they were made by.',
  codes: {
    label: 'Currency',
    hint: 'By its code, as USD.',
    pattern: /^[A-Z]{3}$/,
    sentence: 'Enter the code of a currency, as USD.',
  },
  fields: [
    { name: 'minimum', label: 'At least', as: 'number', hint: 'What a buyer pays, before tax.' },
    { name: 'maximum', label: 'At most', as: 'number', hint: 'In one order.' },
    { name: 'price', label: 'Price of one credit', as: 'number', hint: 'Before tax, as 0.10.' },
    GOOD_FOR,
  ],
  parse: freeAmountIn,
  content: freeAmountContent,
  tell: toldFreeAmount,
  sentence: ({ currency, minimum_minor, maximum_minor, price_per_credit_micro }) => {
    const [least, most] = [minimum_minor, maximum_minor].map((sum) => formatMoney(sum, currency));
    return `${perCredit(price_per_credit_micro)} ${currency} a credit, from ${least} to ${most}`;
  },
  values: ({ currency, minimum_minor, maximum_minor, price_per_credit_micro, ...terms }) => ({
    minimum: writtenMoney(minimum_minor, currency),
    maximum: writtenMoney(maximum_minor, currency),
    price: perCredit(price_per_credit_micro),
    expires: String(terms.expires_after_days ?? ''),
  }),
  read: (values): Read<FreeAmountOnSale> => {
    const reading = new Reading(values);
    const currency = reading.raw('code');
    if (!isCurrency(currency)) {
      reading.refuse('code', 'Enter the code of a currency, as USD.');
      return reading.result({ ...NO_AMOUNT, currency });
    }
    const price = parseDecimal(reading.raw('price'), PRICE_PER_CREDIT_DECIMALS) ?? 0n;
    if (price <= 0n) reading.refuse('price', 'Enter a price above zero, as 0.10.');
    const free: FreeAmountOnSale = {
      currency,
      minimum_minor: reading.neededPrice('minimum', currency, 'Enter a sum.'),
      maximum_minor: reading.neededPrice('maximum', currency, 'Enter a sum.'),
      price_per_credit_micro: price > 0n ? price : 1n,
      expires_after_days: reading.optionalWhole('expires'),
    };
    const { minimum_minor, maximum_minor } = free;
    if (minimum_minor > maximum_minor) reading.refuse('maximum', 'Not below the least.');
    else if (faultOf(maximum_minor, free) !== undefined) {
      reading.refuse('maximum', 'This would be more credits than can be bought at once.');
    }
    return reading.result(free);
  },
});

/** With two decimals at least, as sums have: "0.10". */
function perCredit(price_micro: bigint): string {
  const { whole, fraction } = partsOfDecimal(price_micro, PRICE_PER_CREDIT_DECIMALS);
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}

const NO_AMOUNT = {
  ...{ minimum_minor: 0n, maximum_minor: 0n, price_per_credit_micro: 0n },
  expires_after_days: null,
};

export const referralKind = itemKind<ReferralTerms>({
  kind: 'referral',
  path: 'referrals',
  title: 'Referrals',
  one: 'reward',
  only: REFERRAL_CODE,
  about: 'What is given when somebody who was brought buys credits for the first time',
  in_use: 'In use',
  keeps: 'What was given stays; a purchase that was rewarded is not looked at again.',
  fields: [
    { name: 'referrer', label: 'To who brought somebody', as: 'number', unit: 'credits' },
    { name: 'referred', label: 'To who was brought', as: 'number', unit: 'credits' },
    GOOD_FOR,
    {
      name: 'reversible',
      label: 'Taken back within',
      as: 'number',
      unit: 'days',
      hint: 'When the money of the purchase goes back.',
    },
  ],
  rows: {
    legend: 'What a purchase costs at least',
    hint: 'Before tax. In other currencies a purchase is not rewarded.',
    columns: [
      { name: 'currency', label: 'Currency' },
      { name: 'minimum', label: 'At least', as: 'number' },
    ],
  },
  told: { minimums: 'What a purchase costs at least' },
  parse: referralIn,
  content: referralContent,
  tell: toldReferral,
  sentence: ({ referrer_credits, referred_credits, minimums }) => {
    const prices = Object.entries(minimums).map(([currency, price_minor]) => ({
      ...{ currency, price_minor },
    }));
    const [brought, joined] = [referrer_credits, referred_credits].map(plainCredits);
    return `${brought} and ${joined} credits, from ${toldPrices(prices) || 'no currency'}`;
  },
  values: ({ referrer_credits, referred_credits, minimums, ...terms }) => ({
    referrer: decimalCredits(referrer_credits),
    referred: decimalCredits(referred_credits),
    expires: String(terms.expires_after_days ?? ''),
    reversible: String(terms.reversible_days),
    ...Object.fromEntries(
      Object.entries(minimums).flatMap(([currency, minor], index) => [
        [`currency_${index + 1}`, currency] as const,
        [`minimum_${index + 1}`, writtenMoney(minor, currency)] as const,
      ]),
    ),
  }),
  read: (values) => {
    const reading = new Reading(values);
    const minimums = reading.byCurrency(['minimum'], (row, currency) =>
      reading.neededPrice(`minimum_${row}`, currency, 'Enter a sum, or clear the row.'),
    );
    if (minimums.size === 0) reading.refuse('currency_1', 'Enter a currency.');
    return reading.result({
      referrer_credits: reading.credits('referrer'),
      referred_credits: reading.credits('referred'),
      expires_after_days: reading.optionalWhole('expires'),
      minimums: Object.fromEntries(minimums),
      reversible_days: reading.whole('reversible', { least: 1, most: 3_650 }),
    });
  },
});
