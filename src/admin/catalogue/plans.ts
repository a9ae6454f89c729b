import { toldPrices } from '../../billing/package-versions.ts';
import {
  type PlanVersionTerms,
  addPlan,
  changePlan,
  planVersions,
} from '../../billing/plan-versions.ts';
import { decimalCredits, plainCredits } from '../../core/credits.ts';
import { writtenMoney } from '../../core/money.ts';
import type { CatalogueKind, Read, Values } from './kinds.ts';
import { Reading } from './reading.ts';

type Terms = Omit<PlanVersionTerms, 'active'>;

const PERIODS = ['month', 'year'] as const;

export const planKind: CatalogueKind<Terms> = {
  path: 'plans',
  subject: 'plan',
  title: 'Plans',
  one: 'plan',
  about: 'Credits each period. Who has subscribed keeps the terms and the price of then.',
  in_use: 'On sale',
  keeps: 'Subscriptions keep the terms and the price that they were taken by.',
  fields: [
    { name: 'name', label: 'Name' },
    {
      name: 'credits',
      label: 'Credits',
      as: 'number',
      unit: 'a month',
      hint: 'Empty: unlimited use.',
    },
    {
      name: 'rollover_cap',
      label: 'Taken over at most',
      as: 'number',
      unit: 'credits',
      hint: 'What is left of a period is granted again with the next. Empty: nothing.',
    },
    { name: 'trial_days', label: 'Trial', as: 'number', unit: 'days', hint: '0: none.' },
    {
      name: 'grace_days',
      label: 'Grace',
      as: 'number',
      unit: 'days',
      hint: 'Unlimited use goes on for so long when a payment is late.',
    },
    {
      name: 'members_max',
      label: 'Members',
      as: 'number',
      unit: 'people',
      hint: 'Empty: no limit.',
    },
    { name: 'position', label: 'Order', as: 'number', hint: 'Smaller stands first.' },
  ],
  rows: {
    legend: 'Prices',
    hint: 'By the month, by the year or both, for each currency in which it is sold; 0 is free.',
    columns: [
      { name: 'currency', label: 'Currency' },
      { name: 'month', label: 'A month', as: 'number' },
      { name: 'year', label: 'A year', as: 'number' },
    ],
  },
  told: {
    name: 'Name',
    credits: 'Credits a month',
    rollover_cap: 'Taken over at most',
    trial_days: 'Trial days',
    grace_days: 'Grace days',
    members_max: 'Members',
    position: 'Order',
    active: 'On sale',
    prices_month: 'A month',
    prices_year: 'A year',
  },
  versions: async (db, code) =>
    (await planVersions(db, code)).map((version) => ({ ...version, terms: version })),
  sentence: ({ credits_micro, prices }) => {
    const credits = credits_micro === null ? 'Unlimited' : `${plainCredits(credits_micro)} credits`;
    const monthly = toldPrices(prices.filter(({ period }) => period === 'month'));
    return `${credits} a month: ${monthly || 'no monthly price'}`;
  },
  values: valuesOf,
  read: readPlan,
  add: (trx, code, { terms, active }, { valid_from, by }) =>
    addPlan(trx, { ...terms, code, active, valid_from, made_by: by.made_by }),
  change: (trx, code, { terms, active }, change) =>
    changePlan(trx, code, { ...terms, active }, change),
};

function valuesOf(terms: Terms): Values {
  const currencies = [...new Set(terms.prices.map(({ currency }) => currency))];
  const prices = terms.prices.map(
    ({ currency, period, price_minor }) =>
      [
        `${period}_${currencies.indexOf(currency) + 1}`,
        writtenMoney(price_minor, currency),
      ] as const,
  );
  return {
    name: terms.name,
    credits: terms.credits_micro === null ? '' : decimalCredits(terms.credits_micro),
    rollover_cap: terms.rollover_cap_micro === null ? '' : decimalCredits(terms.rollover_cap_micro),
    trial_days: String(terms.trial_days),
    grace_days: String(terms.grace_days),
    members_max: String(terms.limits.members_max ?? ''),
    position: String(terms.position),
    ...Object.fromEntries(
      currencies.map((code, index) => [`currency_${index + 1}`, code] as const),
    ),
    ...Object.fromEntries(prices),
  };
}

function readPlan(values: Values): Read<Terms> {
  const reading = new Reading(values);
  const rows = reading.byCurrency(PERIODS, (row, currency) => {
    const read = PERIODS.flatMap((period) => {
      const price_minor = reading.price(`${period}_${row}`, currency, 0n);
      return price_minor === undefined ? [] : [{ period, currency, price_minor }];
    });
    if (read.length === 0) reading.refuse(`month_${row}`, 'Enter a price, or clear the row.');
    return read;
  });
  const credits = reading.raw('credits');
  const members = reading.optionalWhole('members_max');
  return reading.result({
    name: reading.words('name'),
    credits_micro: credits === '' ? null : reading.credits('credits'),
    rollover_cap_micro: reading.optionalCredits('rollover_cap'),
    trial_days: reading.whole('trial_days', { most: 730 }),
    grace_days: reading.whole('grace_days', { most: 365 }),
    limits: members === null ? {} : { members_max: members },
    position: reading.whole('position'),
    prices: [...rows.values()].flat(),
  });
}
