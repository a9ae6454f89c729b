import { least } from './credits.ts';
import { ONE_UNIT } from './price-rules.ts';

/** What is so in a workspace or is not. */
export const FACT_KINDS = [
  'bought',
  'address_verified',
  'key_made',
  'member_joined',
  'business_info_given',
  'marketing_goals_set',
  'ideal_customer_told',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** What has to have happened in a workspace. */
export type MilestoneCondition =
  | { kind: 'charged'; operation?: string | undefined; times: bigint }
  /** So many whole units of any of these operations. */
  | { kind: 'used'; operations: readonly string[]; quantity: bigint }
  | { kind: FactKind }
  /** A product says so: its own pages know when a profile is filled in. */
  | { kind: 'told' };

/** A first step, or something to be proud of, with what is given for it once. */
export interface Milestone {
  kind: 'step' | 'achievement';
  code: string;
  title: string;
  when: MilestoneCondition;
  reward_micro: bigint;
}

/** How often an operation was charged, and for how much of its unit, in 10^-6. */
export interface OperationUse {
  charges: bigint;
  quantity: bigint;
}

/** What is so in a workspace. */
export interface MilestoneFacts {
  uses: ReadonlyMap<string, OperationUse>;
  /** What is so of what is so or is not. */
  so: ReadonlySet<string>;
}

/** How far a workspace has come; undefined where only a product knows. */
export function progressOf(
  when: MilestoneCondition,
  facts: MilestoneFacts,
): { reached: bigint; wanted: bigint } | undefined {
  switch (when.kind) {
    case 'charged': {
      const { operation } = when;
      const charged = useOf(facts, operation === undefined ? undefined : [operation]);
      return upTo(when.times, charged.charges);
    }
    case 'used':
      return upTo(when.quantity, useOf(facts, when.operations).quantity / ONE_UNIT);
    case 'told':
      return undefined;
    default:
      return upTo(1n, facts.so.has(when.kind) ? 1n : 0n);
  }
}

/** Of some operations, or of all. */
function useOf({ uses }: MilestoneFacts, operations: readonly string[] | undefined): OperationUse {
  const counted = [...uses].filter(([code]) => operations?.includes(code) ?? true);
  return counted.reduce(
    (sum, [, { charges, quantity }]) => ({
      charges: sum.charges + charges,
      quantity: sum.quantity + quantity,
    }),
    { charges: 0n, quantity: 0n },
  );
}

function upTo(wanted: bigint, reached: bigint): { reached: bigint; wanted: bigint } {
  return { reached: least(reached, wanted), wanted };
}

/** Those that are reached now and were not kept before. */
export function newlyReached(
  milestones: readonly Milestone[],
  facts: MilestoneFacts,
  kept: ReadonlySet<string>,
): Milestone[] {
  return milestones.filter((milestone) => {
    if (kept.has(keyOf(milestone))) return false;
    const progress = progressOf(milestone.when, facts);
    return progress !== undefined && progress.reached >= progress.wanted;
  });
}

/** Tells a milestone from all others of its workspace. */
export function keyOf({ kind, code }: { kind: string; code: string }): string {
  return `${kind} ${code}`;
}
