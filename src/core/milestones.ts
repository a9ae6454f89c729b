/** What has to have happened in a workspace. */
export type MilestoneCondition =
  | { kind: 'charged'; operation?: string | undefined; times: bigint }
  | { kind: 'bought' | 'address_verified' | 'key_made' | 'member_joined' }
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

/** What is so in a workspace. */
export interface MilestoneFacts {
  /** How often each operation was charged. */
  charges: ReadonlyMap<string, bigint>;
  bought: boolean;
  address_verified: boolean;
  keys: number;
  members: number;
}

/** How far a workspace has come; undefined where only a product knows. */
export function progressOf(
  when: MilestoneCondition,
  facts: MilestoneFacts,
): { reached: bigint; wanted: bigint } | undefined {
  const yes = (is: boolean) => ({ reached: is ? 1n : 0n, wanted: 1n });
  switch (when.kind) {
    case 'charged': {
      const counts = [...facts.charges].filter(
        ([operation]) => when.operation === undefined || operation === when.operation,
      );
      const charges = counts.reduce((sum, [, count]) => sum + count, 0n);
      return { reached: charges < when.times ? charges : when.times, wanted: when.times };
    }
    case 'bought':
      return yes(facts.bought);
    case 'address_verified':
      return yes(facts.address_verified);
    case 'key_made':
      return yes(facts.keys > 0);
    case 'member_joined':
      return yes(facts.members > 1);
    case 'told':
      return undefined;
  }
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
