import { EXPIRY_DAYS } from '../../core/alerts.ts';
import type { Benchmark } from '../../core/benchmarks.ts';
import { decimalCredits, plainCredits } from '../../core/credits.ts';
import {
  ALERT_DEFAULTS_CODE,
  type AlertDefaults,
  alertDefaultsContent,
  alertDefaultsIn,
  toldAlertDefaults,
} from '../../ledger/alert-defaults.ts';
import {
  type CatalogueItem,
  type CatalogueKind as StoredKind,
  addCatalogueItem,
  catalogueVersions,
  changeCatalogueItem,
} from '../../lib/catalogue-versions.ts';
import type { Told } from '../../lib/changes.ts';
import { type ListedBenchmark, benchmarkIn, toldBenchmark } from '../../usage/benchmark-list.ts';
import { COMPLETION_CODE, rewardIn, toldReward } from '../../workspaces/milestone-programme.ts';
import type { Welcome } from '../../workspaces/welcome-grant.ts';
import {
  WELCOME_CODE,
  toldWelcome,
  welcomeContent,
  welcomeIn,
} from '../../workspaces/welcome-terms.ts';
import type { CatalogueKind, Stated, Values } from './kinds.ts';
import { Reading } from './reading.ts';

/** What the kinds of items differ in; how they are stored is the same for all. */
export type Described<Terms> = Omit<
  CatalogueKind<Terms>,
  'subject' | 'versions' | 'add' | 'change' | 'told' | 'in_use'
> & {
  kind: StoredKind;
  in_use?: string;
  parse: (content: unknown, code: string) => Terms;
  content: (terms: Terms) => unknown;
  tell: (item: CatalogueItem) => Told;
  told?: Record<string, string>;
};

export function itemKind<Terms>(one: Described<Terms>): CatalogueKind<Terms> {
  const { kind, parse, content, tell } = one;
  const in_use = one.in_use ?? (one.only === undefined ? 'In use' : undefined);
  const item = (code: string, { terms, active }: Stated<Terms>) => ({
    ...{ kind, code, active },
    content: content(terms),
  });
  const labels = Object.fromEntries(one.fields.map(({ name, label }) => [name, label] as const));
  return {
    ...one,
    subject: kind,
    in_use,
    told: { ...labels, ...one.told, ...(in_use === undefined ? {} : { active: in_use }) },
    versions: async (db, code) =>
      (await catalogueVersions(db, kind, code)).map((version) => ({
        ...version,
        terms: parse(version.content, version.code),
      })),
    add: (trx, code, stated, { valid_from, by }) =>
      addCatalogueItem(trx, { ...item(code, stated), valid_from, made_by: by.made_by }),
    change: (trx, code, stated, change) =>
      changeCatalogueItem(trx, item(code, stated), change, tell),
  };
}

export const REWARD = { name: 'credits', label: 'Credits', as: 'number' } as const;
export const ORDER = {
  name: 'position',
  label: 'Order',
  as: 'number',
  hint: 'Smaller stands first.',
} as const;

export const welcomeKind = itemKind<Welcome>({
  kind: 'welcome',
  path: 'welcome-terms',
  title: 'Welcome credits',
  one: 'welcome',
  only: WELCOME_CODE,
  about: 'What everybody is given who joins',
  fields: [
    REWARD,
    { name: 'expires', label: 'Good for', as: 'number', unit: 'days', hint: 'Empty: for ever.' },
    { name: 'guarded', label: 'Guarded against many accounts of one person', as: 'tick' },
    { name: 'verified_address', label: 'Where guarded, only with a verified address', as: 'tick' },
    {
      name: 'accounts',
      label: 'From one block of addresses',
      as: 'number',
      unit: 'a day',
      hint: 'Where guarded, those who join after so many wait for somebody of the staff.',
    },
  ],
  parse: welcomeIn,
  content: welcomeContent,
  tell: toldWelcome,
  sentence: ({ amount_micro }) => `${plainCredits(amount_micro)} credits`,
  values: ({ amount_micro, expires_after_days, guard }) => ({
    credits: decimalCredits(amount_micro),
    expires: String(expires_after_days ?? ''),
    guarded: guard === undefined ? '' : 'yes',
    verified_address: guard?.verified_address === true ? 'yes' : '',
    accounts: String(guard?.accounts_a_day_from_block ?? 20),
  }),
  read: (values) => {
    const reading = new Reading(values);
    const days = reading.optionalWhole('expires');
    const guard = {
      verified_address: reading.isTicked('verified_address'),
      accounts_a_day_from_block: reading.whole('accounts', { least: 1 }),
    };
    return reading.result({
      amount_micro: reading.credits('credits', { least: 0n }),
      ...(days === null ? {} : { expires_after_days: days }),
      ...(reading.isTicked('guarded') ? { guard } : {}),
    });
  },
});

export const completionKind = itemKind<{ reward_micro: bigint }>({
  kind: 'completion',
  path: 'completion',
  title: 'Reward for all first steps',
  one: 'reward',
  only: COMPLETION_CODE,
  about: 'Given once, when a workspace has done all of them',
  fields: [REWARD],
  parse: (content) => ({ reward_micro: rewardIn(content) }),
  content: ({ reward_micro }) => ({ credits: decimalCredits(reward_micro) }),
  tell: toldReward,
  sentence: ({ reward_micro }) => `${plainCredits(reward_micro)} credits`,
  values: ({ reward_micro }) => ({ credits: decimalCredits(reward_micro) }),
  read: (values) => {
    const reading = new Reading(values);
    return reading.result({ reward_micro: reading.credits('credits', { least: 0n }) });
  },
});

export const alertDefaultsKind = itemKind<AlertDefaults>({
  kind: 'alert_defaults',
  path: 'alert-defaults',
  title: 'Alert defaults',
  one: 'defaults',
  only: ALERT_DEFAULTS_CODE,
  about:
    'When a balance is low and critical, and what those are alerted of who have chosen nothing',
  fields: [
    {
      name: 'low_percent',
      label: 'Low below',
      as: 'number',
      unit: '%',
      hint: 'Of what came last.',
    },
    {
      name: 'critical_percent',
      label: 'Critical below',
      as: 'number',
      unit: '%',
      hint: 'Of what came last.',
    },
    {
      name: 'low_days',
      label: 'Low under',
      as: 'number',
      unit: 'days',
      hint: 'At the current rate.',
    },
    {
      name: 'critical_days',
      label: 'Critical under',
      as: 'number',
      unit: 'days',
      hint: 'At the current rate.',
    },
    {
      name: 'expiry_days',
      label: 'Days before credits expire',
      hint: `When people are told, parted by commas; of ${EXPIRY_DAYS.join(', ')}.`,
    },
    { name: 'spikes', label: 'Tell of spikes of usage', as: 'tick' },
  ],
  parse: alertDefaultsIn,
  content: alertDefaultsContent,
  tell: toldAlertDefaults,
  sentence: (one) => `Low under ${one.low_percent} % or ${one.low_days} days`,
  values: ({ spikes, expiry_days, ...limits }) => ({
    low_percent: String(limits.low_percent),
    critical_percent: String(limits.critical_percent),
    low_days: String(limits.low_days),
    critical_days: String(limits.critical_days),
    expiry_days: expiry_days.join(', '),
    spikes: spikes ? 'yes' : '',
  }),
  read: (values) => {
    const reading = new Reading(values);
    const number = (name: string, most: number) => BigInt(reading.whole(name, { most }));
    const [low_percent, critical_percent] = [
      number('low_percent', 100),
      number('critical_percent', 100),
    ];
    const [low_days, critical_days] = [number('low_days', 365), number('critical_days', 365)];
    if (critical_percent > low_percent) reading.refuse('critical_percent', 'Not above low.');
    if (critical_days > low_days) reading.refuse('critical_days', 'Not above low.');
    const days = reading
      .raw('expiry_days')
      .split(/[\s,]+/)
      .filter(Boolean);
    const known = EXPIRY_DAYS.filter((day) => days.includes(String(day)));
    if (known.length !== days.length) {
      reading.refuse('expiry_days', `Choose of ${EXPIRY_DAYS.join(', ')}, each once.`);
    }
    const spikes = reading.isTicked('spikes');
    const levels = { low_percent, critical_percent, low_days, critical_days };
    return reading.result({ ...levels, expiry_days: known, spikes });
  },
});

const MEASURES: Record<Benchmark['measure'], string> = {
  credits_per_day: 'Credits a day',
  credits_per_charge: 'Credits a charge',
  share_percent: 'Share of usage, in per cent',
};

export const benchmarkKind = itemKind<ListedBenchmark>({
  kind: 'benchmark',
  path: 'benchmarks',
  title: 'Benchmarks',
  one: 'benchmark',
  about: "What others in the industry have, to stand beside a workspace's own figures",
  fields: [
    { name: 'label', label: 'Label' },
    {
      name: 'measure',
      label: 'Measure',
      as: 'select',
      options: Object.entries(MEASURES),
    },
    { name: 'operation', label: 'Of which operation', hint: 'Its code; of credits a day none.' },
    { name: 'value', label: 'Value', as: 'number' },
    { name: 'source', label: 'Source', hint: 'As "Survey of 212 agencies, 2025".' },
    ORDER,
  ],
  parse: benchmarkIn,
  content: (benchmark) => benchmark,
  tell: toldBenchmark,
  sentence: ({ measure, value, source }) => `${MEASURES[measure]}: ${value} (${source})`,
  values: ({ measure, label, value, source, operation = '', position }): Values => ({
    ...{ measure, label, value, source, operation },
    position: String(position),
  }),
  read: (values) => {
    const reading = new Reading(values);
    const measure: Benchmark['measure'] = reading.choice('measure', [
      'credits_per_day',
      'credits_per_charge',
      'share_percent',
    ]);
    const operation = reading.words('operation', { needed: measure !== 'credits_per_day' });
    if (measure === 'credits_per_day' && operation !== '') {
      reading.refuse('operation', 'Of credits a day there is none.');
    }
    const value = decimalCredits(reading.credits('value', { least: 0n }));
    return reading.result({
      ...{ measure, value, label: reading.words('label'), source: reading.words('source') },
      ...(operation === '' ? {} : { operation }),
      position: reading.whole('position'),
    });
  },
});
