import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { run } from '../program/started.ts';
import {
  ENCRYPTION_KEYS,
  type TestDatabase,
  testDatabase,
  verifyAndDrop,
} from '../support/database.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { addedEndpoint, quietWallet, whenDue } from './listening.ts';

let database: TestDatabase;
let receiver: Receiver;
beforeAll(async () => {
  [database, receiver] = await Promise.all([testDatabase(), startReceiver()]);
});
afterAll(async () => {
  await receiver.close();
  await verifyAndDrop(database);
});

test('a message whose sender was killed half way is sent again with the same id by the next', async () => {
  const ledger = createLedger(database.connections.ledger);
  const wallet = await quietWallet(database, ledger, 10n);
  const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
  const settings = { DATABASE_URL: database.url, ENCRYPTION_KEY: ENCRYPTION_KEYS.join(',') };
  // Nobody will ever know whether this was heard.
  receiver.answerWith(() => undefined);
  const first = run(['src/worker.ts'], settings);
  await first.says('The worker is ready.');
  await ledger.execute(wallet.debit(10n));
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.ended;

  receiver.answerWith((res) => res.writeHead(200).end());
  await whenDue(database, id);
  const second = run(['src/worker.ts'], settings);
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(2);
  const [one, two] = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(two).toBe(one);
  const delivered = () =>
    database.query('select attempts from webhook_deliveries where delivered_at is not null');
  await expect.poll(delivered, { timeout: 30_000 }).toEqual([{ attempts: 2 }]);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
});
