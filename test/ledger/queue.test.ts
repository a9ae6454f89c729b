import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { fundedWallet, newWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

describe('what waits for the ledger', () => {
  test('is bounded: ten thousand commands are answered, and more are a 503 at once', async () => {
    const wallet = await newWallet(database);
    const debit = wallet.debit(1n);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10_040 }, (_, index) =>
        ledger.execute({ ...debit, key: { namespace: 'test', key: `${index}` } }),
      ),
    );
    const refused = outcomes.slice(0, 10_000).map((one) => one.status === 'fulfilled' && one.value);
    expect(new Set(refused.map((one) => one && one.outcome))).toEqual(new Set(['refused']));
    for (const one of outcomes.slice(10_000)) {
      expect(one).toMatchObject({ reason: { status: 503, code: 'ledger_busy' } });
    }
    expect(await ledger.execute(wallet.grant(1n))).toMatchObject({ outcome: 'done' });
  });

  test('keeps its order in each wallet, whatever fails in between', async () => {
    const wallets = [
      await fundedWallet(database, ledger, 400n),
      await fundedWallet(database, ledger, 400n),
    ];
    const asked = Array.from({ length: 600 }, (_, index) => {
      const wallet = wallets[index % 2] ?? wallets[0];
      if (wallet === undefined) throw new Error('no wallet');
      const key = { namespace: 'order', key: `${index}` };
      const asked = { actor_kind: 'person', actor_id: 'no uuid' } as const;
      return ledger.execute(wallet.debit(1n, index % 150 === 75 ? { key, asked } : { key }));
    });
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter((one) => one.status === 'rejected')).toHaveLength(4);
    for (const [turn, { id }] of wallets.entries()) {
      const entries = await database.query<{ key: string }>(
        `select key from entries where wallet_id = $1 and namespace = 'order' order by seq`,
        [id],
      );
      const done = outcomes.flatMap((one, index) =>
        index % 2 === turn && one.status === 'fulfilled' ? [`${index}`] : [],
      );
      expect(entries.map(({ key }) => key)).toEqual(done);
    }
    const left = await Promise.all(wallets.map((one) => storedCredits(database, one)));
    expect(left.map(({ available }) => available).sort()).toEqual([100n, 104n]);
  });
});
