import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Running } from '../../src/program.ts';
import { Chance } from '../../torture/chance.ts';
import { FAULTS, FAULT_NAMES, type FaultName } from '../../torture/faults.ts';
import { verify } from '../../torture/programs.ts';
import { playRound } from '../../torture/round.ts';
import { type Stage, openStage } from '../../torture/stage.ts';

// A PostgreSQL and several programs start, end and start again, on whatever the machine has left.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const running = new Running();
let folder: string;
let stage: Stage;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scrip-faults-'));
  await chmod(folder, 0o711);
  stage = await openStage(running, folder, 2);
});
afterAll(async () => {
  await verify(stage.postgres.url);
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const SCENES: Record<FaultName, string> = {
  'program-killed': 'attack 54: web programs are killed in the middle of their batches',
  'commit-unheard': 'attack 54: commits are carried out and not heard of',
  deadlock: 'attack 31: transactions of the ledger end as deadlocks',
  serialization: 'attack 31: PostgreSQL refuses to serialize, in a statement or at the commit',
  'pool-exhausted': 'attack 57: every connection of the ledger waits for locks',
  'connections-taken': 'attack 57: PostgreSQL has no connection left',
  'backends-ended': 'attack 59: connections are ended by an administrator',
  'connections-cut': 'attack 59: all connections are cut in the middle of what they say',
  'backend-killed': 'attack 59: one backend is killed, and PostgreSQL starts all anew',
  'postgres-killed': 'attack 59: PostgreSQL is killed as a whole, and started again',
  'read-only': 'attack 59: PostgreSQL takes no writes, as after a failover',
  'disk-full': 'attack 59: the disk is full',
  'clock-jump': 'attack 62: the clocks of the programs jump an hour ahead and back',
};

describe('nothing acknowledged is lost and nothing is counted twice while programs spend and', () => {
  const scenes = FAULT_NAMES.map((name): [string, FaultName] => [SCENES[name], name]);

  test.each(scenes)('%s', async (_scene, name) => {
    const extent = { customers: 6, calm_milliseconds: 100 };
    const round = await playRound(stage, FAULTS[name], new Chance(59), name, extent);
    expect(round.violations).toEqual([]);
    expect(round.happened).toBeGreaterThan(0);
  });
});
