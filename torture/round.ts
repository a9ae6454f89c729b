import { setTimeout as pause } from 'node:timers/promises';
import { Asks } from './asks.ts';
import type { Chance } from './chance.ts';
import type { Fault } from './faults.ts';
import { Load } from './load.ts';
import { violationsOf } from './proof.ts';
import { type Stage, newCustomers } from './stage.ts';

export interface Round {
  /** Commands that were answered. */
  answered: number;
  /** How often the fault happened. */
  happened: number;
  violations: readonly string[];
}

const CUSTOMERS = 12;
/** Load before the fault and after it. */
const CALM_MILLISECONDS = 300;

/** Load with a fault in its middle on wallets of its own, and the proof when all is well again. */
export async function playRound(
  stage: Stage,
  fault: Fault,
  chance: Chance,
  name: string,
): Promise<Round> {
  const customers = await newCustomers(stage, name, CUSTOMERS);
  const asks = new Asks(chance.another(), customers);
  const load = new Load(stage, asks, chance.another());
  await load.askAll(asks.firstGrants());
  const ending = new AbortController();
  const running = load.run(ending.signal);
  let happened: number;
  try {
    await pause(CALM_MILLISECONDS);
    happened = await fault.happen(stage, chance.another(), customers);
    await pause(CALM_MILLISECONDS);
  } finally {
    ending.abort();
    await running;
  }
  const violations = await violationsOf(stage, load, customers);
  return { answered: load.answered.size, happened, violations };
}
