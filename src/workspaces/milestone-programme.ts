import { z } from 'zod';
import { decimalCredits, parseCredits } from '../core/credits.ts';
import { FACT_KINDS, type Milestone, type MilestoneCondition } from '../core/milestones.ts';
import type { CatalogueItem, ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';
import type { MilestoneProgramme } from './milestones.ts';

/** What the catalogue says of a step or an achievement, beside its code. */
export interface MilestoneTerms {
  title: string;
  when: MilestoneCondition;
  reward_micro: bigint;
  position: number;
  /** Of a step: where it is done, below the workspace's own address. */
  page?: string | undefined;
}

/** All steps together are one milestone more, which has this code. */
export const COMPLETION_CODE = 'first-steps';

/** What the seller leads people to do at the moment, and gives for it. */
export async function programmeNow(read: ReadCatalogue): Promise<MilestoneProgramme> {
  const [completion] = await read('completion');
  const steps = inOrder('step', await read('step'));
  return {
    steps: steps.map((step) => ({ ...step, page: step.page ?? '/start' })),
    completion_micro: completion === undefined ? 0n : rewardIn(completion.content),
    achievements: inOrder('achievement', await read('achievement')),
  };
}

function inOrder<Kind extends 'step' | 'achievement'>(
  kind: Kind,
  items: readonly CatalogueItem[],
): (Milestone & MilestoneTerms & { kind: Kind })[] {
  return items
    .map(({ code, content }) => ({ kind, code, ...milestoneIn(content) }))
    .sort((one, other) => one.position - other.position);
}

const amount = z.string().transform((text, context): bigint => {
  const micro = parseCredits(text);
  if (micro !== undefined && micro >= 0n) return micro;
  context.addIssue('no amount of credits');
  return z.NEVER;
});

const Content = z.object({
  title: z.string(),
  when: z.union([
    z.object({
      kind: z.literal('charged'),
      operation: z.string().optional(),
      times: z.string().transform(BigInt),
    }),
    z.object({
      kind: z.literal('used'),
      operations: z.array(z.string()).min(1),
      quantity: z.string().transform(BigInt),
    }),
    z.object({ kind: z.enum([...FACT_KINDS, 'told']) }),
  ]),
  credits: amount,
  position: z.int(),
  page: z.string().optional(),
});

/** The terms of a step or an achievement, from what is stored. */
export function milestoneIn(content: unknown): MilestoneTerms {
  const { credits: reward_micro, ...terms } = Content.parse(content);
  return { ...terms, reward_micro };
}

/** The same as it is stored. */
export function milestoneContent({ reward_micro, when, ...terms }: MilestoneTerms) {
  return { ...terms, when: storedCondition(when), credits: decimalCredits(reward_micro) };
}

function storedCondition(when: MilestoneCondition) {
  switch (when.kind) {
    case 'charged':
      return { ...when, times: String(when.times) };
    case 'used':
      return { ...when, quantity: String(when.quantity) };
    default:
      return when;
  }
}

export function toldMilestone({ active, content }: CatalogueItem): Told {
  const { title, when, reward_micro, position, page } = milestoneIn(content);
  return {
    title,
    when: when.kind,
    ...countedIn(when),
    credits: decimalCredits(reward_micro),
    ...(page === undefined ? {} : { page }),
    position: String(position),
    active: active ? 'yes' : 'no',
  };
}

/** Of which operations something is counted, and up to what; '' for what is not counted. */
export function countedIn(when: MilestoneCondition): { operation: string; times: string } {
  switch (when.kind) {
    case 'charged':
      return { operation: when.operation ?? '', times: String(when.times) };
    case 'used':
      return { operation: when.operations.join(' '), times: String(when.quantity) };
    default:
      return { operation: '', times: '' };
  }
}

const Reward = z.object({ credits: amount });

/** What is given for all steps, in micro-credits, from what is stored. */
export function rewardIn(content: unknown): bigint {
  return Reward.parse(content).credits;
}

export function toldReward({ active, content }: CatalogueItem): Told {
  return { credits: decimalCredits(rewardIn(content)), active: active ? 'yes' : 'no' };
}
