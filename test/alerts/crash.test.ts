import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../program/started.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { aDebit } from '../support/wallet-states.ts';
import { alertMails, alertsOf, handOnNews } from './alerting.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

test('R6: a worker killed between the outbox and the mail loses nothing, and the next tells it once', async () => {
  const { database } = program;
  const { wallet_id, workspace_id, email } = await program.signUp();
  await handOnNews(database);
  const worker = run(['src/worker.ts'], { DATABASE_URL: database.url });
  await worker.says('The worker is ready.');
  // It has taken the message and raised the alert by the time that it wants to write the mail.
  const blocking = new pg.Client({ connectionString: database.url });
  await blocking.connect();
  await blocking.query('begin; lock table mails in share row exclusive mode');
  const key = { namespace: 'test', key: 'the last' };
  await program.ledger.execute(aDebit(41n, { wallet_id, key }));
  const waiting = () =>
    database.query(
      `select from pg_locks l join pg_stat_activity a using (pid)
       where not l.granted and a.query like 'insert into "mails"%'`,
    );
  await expect.poll(async () => (await waiting()).length, { timeout: 30_000 }).toBe(1);
  worker.child.kill('SIGKILL');
  await worker.ended;
  await blocking.query('rollback');
  await blocking.end();
  await expect.poll(async () => (await waiting()).length).toBe(0);

  await Promise.all([handOnNews(database), handOnNews(database)]);
  expect(await alertsOf(database, workspace_id)).toMatchObject([{ subject: 'low' }]);
  expect(await alertMails(database, email)).toHaveLength(1);
});
