import { setTimeout as pause } from 'node:timers/promises';
import { Asks } from './asks.ts';
import type { Chance } from './chance.ts';
import type { Fault } from './faults.ts';
import { Load } from './load.ts';
import { violationsOf } from './proof.ts';
import { type Stage, newCustomers, varyPolicies } from './stage.ts';

export interface Answers {
  done: number;
  refused: number;
}

export interface Round {
  /** Commands that were answered, by their kind. */
  answered: ReadonlyMap<string, Answers>;
  /** How often the fault happened. */
  happened: number;
  violations: readonly string[];
}

/** How much there is to a round. */
export interface Extent {
  customers: number;
  /** For how long all goes well before the fault and after it. */
  calm_milliseconds: number;
}

const LARGE: Extent = { customers: 12, calm_milliseconds: 300 };

/**
 * Load with a fault in its middle on wallets of its own, and the proof when all is well again; none
 * when everything is stopping.
 */
export async function playRound(
  stage: Stage,
  fault: Fault,
  chance: Chance,
  name: string,
  { extent = LARGE, stopping }: { extent?: Extent; stopping?: AbortSignal } = {},
): Promise<Round> {
  const customers = await newCustomers(stage, name, extent.customers);
  await varyPolicies(stage, customers);
  const asks = new Asks(chance.another(), customers);
  const load = new Load(stage, asks, chance.another());
  await load.askAll(asks.firstGrants());
  const ending = new AbortController();
  const running = load.run(ending.signal);
  let happened: number;
  try {
    await pause(extent.calm_milliseconds);
    happened = await fault.happen(stage, chance.another(), customers);
    await pause(extent.calm_milliseconds);
  } finally {
    ending.abort();
    await running;
  }
  const violations = stopping?.aborted === true ? [] : await violationsOf(stage, load, customers);
  return { answered: byKind(load), happened, violations };
}

function byKind({ answered }: Load): Map<string, Answers> {
  const counts = new Map<string, Answers>();
  for (const [{ kind }, { status }] of answered) {
    const { done, refused } = counts.get(kind) ?? { done: 0, refused: 0 };
    const isDone = status < 300;
    counts.set(kind, { done: done + (isDone ? 1 : 0), refused: refused + (isDone ? 0 : 1) });
  }
  return counts;
}
