import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MICRO_PER_CREDIT } from '../../src/core/credits.ts';
import { Running } from '../../src/program.ts';
import type { Answer, Customer } from '../../torture/asks.ts';
import { Chance } from '../../torture/chance.ts';
import { FAULTS, FAULT_NAMES, type FaultName } from '../../torture/faults.ts';
import { send } from '../../torture/http.ts';
import { verify } from '../../torture/programs.ts';
import { playRound } from '../../torture/round.ts';
import { type Stage, newCustomers, openStage } from '../../torture/stage.ts';

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
    const round = await playRound(stage, FAULTS[name], new Chance(59), name, { extent });
    expect(round.violations).toEqual([]);
    expect(round.happened).toBeGreaterThan(0);
  });
});

describe('several programs', () => {
  /** Customers who have 30 credits each; an image costs 3. */
  async function customersOf(round: string, count: number): Promise<Customer[]> {
    const customers = await newCustomers(stage, round, count);
    for (const { wallet_id } of customers) {
      await stage.ledger.execute({
        kind: 'grant',
        wallet_id,
        amount_micro: 30n * MICRO_PER_CREDIT,
        source: 'purchase',
        expires_at: null,
        key: { namespace: 'test', key: 'credits' },
        asked: { actor_kind: 'system' },
      });
    }
    return customers;
  }

  /** Sends to one of the programs in turn, and tells the status. */
  async function ask(
    program: number,
    { customer, wallet_id }: Customer,
    path: string,
    fields: Record<string, unknown>,
  ): Promise<Answer> {
    const { url } = stage.programs[program % stage.programs.length] ?? { url: '' };
    const body = { customer, ...fields };
    const whose = { customer, wallet_id };
    const one = { key: randomUUID(), kind: path, whose, path, body };
    const [answer] = await send(url, stage.apiKey, [one]);
    if (answer === undefined || answer === 'unknown') throw new Error(`no answer from ${url}`);
    return answer;
  }

  const image = (quantity: string) => ({ operation: 'image.generate', quantity });
  const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status).sort();

  test('attack 25: 50 debits at once through all of them: exactly those that are paid for', async () => {
    for (const customer of await customersOf('attack-25', 20)) {
      const asked = Array.from({ length: 50 }, (_, index) =>
        ask(index, customer, '/debits', image('1')),
      );
      expect(statusesOf(await Promise.all(asked))).toEqual([
        ...Array<number>(10).fill(201),
        ...Array<number>(40).fill(402),
      ]);
    }
  });

  test('attack 27: two debits of everything through two of them: exactly one', async () => {
    const customers = await customersOf('attack-27', 30);
    const asked = customers.map((one) =>
      Promise.all([0, 1].map((program) => ask(program, one, '/debits', image('10')))),
    );
    for (const answers of await Promise.all(asked)) expect(statusesOf(answers)).toEqual([201, 402]);
  });

  test('attack 52: a hold whose product never comes back is over at its deadline', async () => {
    const [customer] = await customersOf('attack-52', 1);
    if (customer === undefined) throw new Error('no customer');
    const hold = await ask(1, customer, '/holds', { ...image('10'), ttl_seconds: 1 });
    const program = stage.programs[1];
    await program?.end('SIGKILL');
    const everything = () => ask(0, customer, '/debits', image('10'));
    await expect.poll(async () => (await everything()).status, { timeout: 15_000 }).toBe(201);
    program?.start();
    await program?.ready();
    const path = `/holds/${String(hold.body['hold_id'])}/capture`;
    const late = await ask(1, customer, path, { quantity: '10' });
    expect(late).toMatchObject({ status: 409, body: { code: 'hold_closed', captured: '0' } });
  });
});
