import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { migrations } from '../../migrations/all.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { exportSeal, lastSeal, sealClosedHours } from '../../src/ledger/seals.ts';
import { connect } from '../../src/lib/database.ts';
import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { type TestDatabase, tamperWith } from '../support/database.ts';
import { type TestWallet, fundedWallet } from '../support/wallets.ts';
import { command } from './commands.ts';
import { ask } from './databases.ts';
import { dataFolder } from './started.ts';

const SEAL_KEY = 'k'.repeat(32);

/** A cluster of its own. */
async function start(folder: string): Promise<TestDatabase> {
  const server = await startEmbeddedPostgres({ folder, durable: false });
  await migrate({ url: server.url, migrations });
  const connections = await connect({ url: server.url, poolMax: 2, onError: () => undefined });
  return {
    url: server.url,
    connections,
    query: (text, values) => ask(server.url, text, values),
    drop: async () => {
      await connections.close();
      await server.stop();
    },
  };
}

/** Spends as if it had been so many hours ago, and seals at most so many hours that are closed. */
async function spendAndSeal(
  database: TestDatabase,
  wallet: TestWallet,
  hours: number,
  hoursMax: number,
) {
  const ledger = createLedger(database.connections.ledger);
  expect(await ledger.execute(wallet.debit(1n))).toMatchObject({ outcome: 'done' });
  await tamperWith(
    database,
    `update entries set recorded_at = now() - interval '${hours} hours'
     where recorded_at > now() - interval '1 hour'`,
  );
  const count = await sealClosedHours(database.connections.ledgerJobs, SEAL_KEY, hoursMax);
  const seal = await lastSeal(database.connections.staff);
  if (seal === undefined) throw new Error('no hour is sealed');
  return { count, exported: exportSeal(seal) };
}

test('a copy of a stopped cluster, started elsewhere, is proved by the last seal, and its seals go on', async () => {
  const [folder, copy] = [await dataFolder(), await dataFolder()];
  const original = await start(path.join(folder, 'postgres'));
  const ledger = createLedger(original.connections.ledger);
  const wallet = await fundedWallet(original, ledger, 10n);
  const { exported } = await spendAndSeal(original, wallet, 5, 1);
  await original.drop();

  execFileSync('cp', ['-a', path.join(folder, 'postgres'), copy]);
  const restored = await start(path.join(copy, 'postgres'));
  const verify = (seal: string) =>
    command(['verify', '--seal', seal], { DATABASE_URL: restored.url, SEAL_KEY });
  expect(await verify(exported)).toEqual({
    ...{ code: 0, err: '' },
    out: expect.stringMatching(/^The ledger adds up\.\nSo do the seals up to/) as string,
  });
  const later = await spendAndSeal(restored, wallet, 2, 9);
  expect(later.count).toBeGreaterThan(0);
  for (const seal of [exported, later.exported]) {
    expect(await verify(seal)).toMatchObject({ code: 0 });
  }
  await restored.drop();
});
