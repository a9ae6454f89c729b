import {
  type PackageTerms,
  addPackage,
  changePackage,
  packageVersions,
  toldPrices,
} from '../../billing/package-versions.ts';
import { decimalCredits, plainCredits } from '../../core/credits.ts';
import { writtenMoney } from '../../core/money.ts';
import type { CatalogueKind, Read, Values } from './kinds.ts';
import { Reading } from './reading.ts';

type Terms = Omit<PackageTerms, 'active'>;

export const packageKind: CatalogueKind<Terms> = {
  path: 'packages',
  subject: 'package',
  title: 'Packages',
  one: 'package',
  about: 'Credits that are sold once',
  in_use: 'On sale',
  keeps: 'Orders keep the price that they were made by.',
  fields: [
    { name: 'name', label: 'Name' },
    { name: 'credits', label: 'Credits', as: 'number' },
    { name: 'bonus', label: 'Bonus', as: 'number', unit: 'credits', hint: 'On top; 0: none.' },
    {
      name: 'expires',
      label: 'Credits are good for',
      as: 'number',
      unit: 'days',
      hint: 'Empty: for ever.',
    },
    {
      name: 'bonus_expires',
      label: 'The bonus is good for',
      as: 'number',
      unit: 'days',
      hint: 'Empty: for ever.',
    },
    { name: 'position', label: 'Order', as: 'number', hint: 'Smaller stands first.' },
    { name: 'popular', label: 'Marked as popular', as: 'tick' },
  ],
  rows: {
    legend: 'Prices',
    hint: 'One for each currency in which it is sold. Save to get more rows.',
    columns: [
      { name: 'currency', label: 'Currency' },
      { name: 'price', label: 'Price', as: 'number' },
    ],
  },
  told: {
    name: 'Name',
    credits: 'Credits',
    bonus: 'Bonus',
    expires: 'Good for days',
    bonus_expires: 'Bonus good for days',
    popular: 'Popular',
    position: 'Order',
    active: 'On sale',
    prices: 'Prices',
  },
  versions: async (db, code) =>
    (await packageVersions(db, code)).map((version) => ({ ...version, terms: version })),
  sentence: ({ credits_micro, bonus_micro, prices }) => {
    const bonus = bonus_micro === 0n ? '' : ` + ${plainCredits(bonus_micro)} bonus`;
    return `${plainCredits(credits_micro)} credits${bonus}: ${toldPrices(prices) || 'no price'}`;
  },
  values: valuesOf,
  read: readPackage,
  add: (trx, code, { terms, active }, { valid_from, by }) =>
    addPackage(trx, { ...terms, code, active, valid_from, made_by: by.made_by }),
  change: (trx, code, { terms, active }, change) =>
    changePackage(trx, code, { ...terms, active }, change),
};

function valuesOf(terms: Terms): Values {
  const prices = terms.prices.map(({ currency, price_minor }, index) => [
    [`currency_${index + 1}`, currency] as const,
    [`price_${index + 1}`, writtenMoney(price_minor, currency)] as const,
  ]);
  return {
    name: terms.name,
    credits: decimalCredits(terms.credits_micro),
    bonus: decimalCredits(terms.bonus_micro),
    expires: String(terms.expires_after_days ?? ''),
    bonus_expires: String(terms.bonus_expires_after_days ?? ''),
    position: String(terms.position),
    popular: terms.popular ? 'yes' : '',
    ...Object.fromEntries(prices.flat()),
  };
}

function readPackage(values: Values): Read<Terms> {
  const reading = new Reading(values);
  const prices = reading.byCurrency(['price'], (row, currency) =>
    reading.neededPrice(`price_${row}`, currency, 'Enter the price, or clear the row.'),
  );
  return reading.result({
    name: reading.words('name'),
    credits_micro: reading.credits('credits'),
    bonus_micro: reading.credits('bonus', { least: 0n }),
    expires_after_days: reading.optionalWhole('expires'),
    bonus_expires_after_days: reading.optionalWhole('bonus_expires'),
    position: reading.whole('position'),
    popular: reading.isTicked('popular'),
    prices: [...prices].map(([currency, price_minor]) => ({ currency, price_minor })),
  });
}
