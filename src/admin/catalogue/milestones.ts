import { MICRO_PER_CREDIT, decimalCredits, plainCredits } from '../../core/credits.ts';
import { FACT_KINDS, type MilestoneCondition } from '../../core/milestones.ts';
import {
  type MilestoneTerms,
  countedIn,
  milestoneContent,
  milestoneIn,
  toldMilestone,
} from '../../workspaces/milestone-programme.ts';
import { type Described, ORDER, REWARD, itemKind } from './items.ts';
import type { CatalogueKind } from './kinds.ts';
import { Reading } from './reading.ts';

const WHEN: readonly (readonly [string, string])[] = [
  ['charged', 'Usage was charged'],
  ['used', 'Units were used'],
  ['bought', 'Credits were bought'],
  ['address_verified', 'The address is verified'],
  ['key_made', 'A key was made'],
  ['member_joined', 'A member joined'],
  ['business_info_given', 'The business has said what it does'],
  ['marketing_goals_set', 'It has marketing goals'],
  ['ideal_customer_told', 'It has told of its ideal customer'],
  ['told', 'A product says so'],
];

const MILESTONE_FIELDS = [
  { name: 'title', label: 'Title' },
  { name: 'when', label: 'Reached when', as: 'select', options: WHEN },
  {
    name: 'operation',
    label: 'Of which operation',
    hint: 'Its code, for usage only; of units several codes, by spaces. Empty for all charges.',
  },
  { name: 'times', label: 'How often, or how many units', as: 'number', hint: 'For usage only.' },
  REWARD,
  ORDER,
] as const;

function milestoneKind(
  kind: 'step' | 'achievement',
  words: Pick<Described<MilestoneTerms>, 'path' | 'title' | 'one' | 'about'>,
): CatalogueKind<MilestoneTerms> {
  const page = {
    name: 'page',
    label: 'Where it is done',
    hint: "Below the workspace's own address, as /buy.",
  };
  return itemKind<MilestoneTerms>({
    ...words,
    kind,
    fields: kind === 'step' ? [...MILESTONE_FIELDS, page] : MILESTONE_FIELDS,
    parse: milestoneIn,
    content: milestoneContent,
    tell: toldMilestone,
    sentence: milestoneSentence,
    values: ({ title, when, reward_micro, position, page: path = '' }) => ({
      ...{ title, when: when.kind, page: path },
      ...countedIn(when),
      credits: decimalCredits(reward_micro),
      position: String(position),
    }),
    read: (values) => {
      const reading = new Reading(values);
      const path = reading.raw('page');
      if (kind === 'step' && !/^\/[a-z0-9/#-]{0,80}$/.test(path)) {
        reading.refuse('page', 'Enter a path, as /buy.');
      }
      return reading.result({
        title: reading.words('title'),
        when: conditionIn(reading),
        reward_micro: reading.credits('credits', { least: 0n }),
        position: reading.whole('position'),
        ...(kind === 'step' ? { page: path } : {}),
      });
    },
  });
}

/** "Usage was charged × 100, message.send: 5 credits" */
function milestoneSentence({ when, reward_micro }: MilestoneTerms): string {
  const { operation, times } = countedIn(when);
  const often = times === '' || times === '1' ? '' : ` × ${times}`;
  const reached = `${new Map(WHEN).get(when.kind)}${often}${operation && `, ${operation}`}`;
  if (reward_micro === 0n) return `${reached}: no reward`;
  return `${reached}: ${plainCredits(reward_micro)} ${reward_micro === MICRO_PER_CREDIT ? 'credit' : 'credits'}`;
}

function conditionIn(reading: Reading): MilestoneCondition {
  const kind = reading.raw('when');
  if (!WHEN.some(([known]) => known === kind)) reading.refuse('when', 'Choose one of these.');
  if (kind === 'charged') {
    const operation = reading.words('operation', { needed: false });
    const times = BigInt(reading.whole('times', { least: 1 }));
    return { kind, times, ...(operation === '' ? {} : { operation }) };
  }
  if (kind === 'used') {
    const operations = reading.words('operation').split(/[\s,]+/);
    return { kind, operations, quantity: BigInt(reading.whole('times', { least: 1 })) };
  }
  for (const name of ['operation', 'times']) {
    if (reading.raw(name) !== '') reading.refuse(name, 'This is for usage only: clear it.');
  }
  return { kind: FACT_KINDS.find((one) => one === kind) ?? 'told' };
}

export const stepKind = milestoneKind('step', {
  path: 'steps',
  title: 'First steps',
  one: 'first step',
  about: 'What somebody new is led to do, with what is given for it once',
});

export const achievementKind = milestoneKind('achievement', {
  path: 'achievements',
  title: 'Achievements',
  one: 'achievement',
  about: 'What is given once for what a workspace has reached',
});
