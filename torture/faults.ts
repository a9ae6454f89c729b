import { setTimeout as pause } from 'node:timers/promises';
import type { Customer } from './asks.ts';
import type { Chance } from './chance.ts';
import {
  cutCommits,
  cutConnections,
  killBackend,
  killPostgres,
  killProgram,
  takeConnections,
  terminateBackends,
} from './outages.ts';
import { deadlock, fillDisk, forbidWrites, holdWallets, refuseSerialization } from './refusals.ts';
import type { Stage } from './stage.ts';

/** What is done to a stage while its programs work, and undone before this returns. */
export interface Fault {
  /** What it was, as a count of it is called. */
  what: string;
  /** @returns how often it happened: 0 tells that nothing was tried */
  happen: (stage: Stage, chance: Chance, customers: readonly Customer[]) => Promise<number>;
}

/** Each program's clock an hour ahead, an hour back and right again, at moments of its own. */
async function moveClocks({ programs }: Stage, chance: Chance): Promise<number> {
  const JUMPS = 3;
  const pauses = programs.map(() => Array.from({ length: JUMPS }, () => chance.whole(50, 600)));
  await Promise.all(
    programs.map(async (program, index) => {
      for (const milliseconds of pauses[index] ?? []) {
        await pause(milliseconds);
        program.jump();
      }
    }),
  );
  return JUMPS * programs.length;
}

export const FAULTS = {
  'program-killed': { what: 'programs killed', happen: killProgram },
  'backend-killed': { what: 'backends killed', happen: killBackend },
  'backends-ended': { what: 'backends ended', happen: terminateBackends },
  'postgres-killed': { what: 'servers killed', happen: killPostgres },
  'commit-unheard': { what: 'commits unheard', happen: cutCommits },
  'connections-cut': { what: 'cuts of all connections', happen: cutConnections },
  'pool-exhausted': { what: 'wallets held', happen: holdWallets },
  'connections-taken': { what: 'connections taken', happen: takeConnections },
  deadlock: { what: 'deadlocks', happen: deadlock },
  serialization: { what: 'serialization failures', happen: refuseSerialization },
  'disk-full': { what: 'full disks', happen: fillDisk },
  'read-only': { what: 'times without writes', happen: forbidWrites },
  'clock-jump': { what: 'jumps of clocks', happen: moveClocks },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);
