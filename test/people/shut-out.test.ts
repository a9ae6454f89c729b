import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const OPERATION = 'image.generate';

/** Holds up all spending of a wallet, which then waits for its lock. */
async function holdUp({ wallet_id }: Customer) {
  const other = new pg.Client({ connectionString: program.database.url });
  await other.connect();
  await other.query('begin');
  await other.query('select from wallets where id = $1 for update', [wallet_id]);
  return {
    untilAsked: () =>
      expect
        .poll(
          () =>
            program.database.query(
              `select from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'`,
            ),
          { timeout: 15_000 },
        )
        .not.toEqual([]),
    letGo: async () => {
      await other.query('rollback');
      await other.end();
    },
  };
}

test.each([
  [
    'form',
    ({ browser, slug }: Customer) =>
      browser
        .post(`/w/${slug}/use`)
        .type('form')
        .send({ operation: OPERATION, quantity: '1', nonce: randomUUID() }),
  ],
  [
    'call',
    ({ browser }: Customer) =>
      browser
        .post('/api/user/credits/consume')
        .send({ feature: OPERATION, generation_id: randomUUID() }),
  ],
])('S10: who is shut out while a %s is under way spends nothing by it', async (_way, spend) => {
  const ada = await program.signUp();
  // A wallet that the process knows is spent from without being read.
  expect([200, 303]).toContain((await spend(ada)).status);
  const before = await ada.available();
  const wallet = await holdUp(ada);
  const sent = spend(ada).then((answer) => answer);
  await wallet.untilAsked();
  await program.database.query('update people set deactivated_at = now() where email = $1', [
    ada.email,
  ]);
  await wallet.letGo();
  const answer = await sent;
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('account is shut')]);
  expect(await ada.available()).toBe(before);
});
