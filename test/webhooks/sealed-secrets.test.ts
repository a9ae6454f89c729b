import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { resealAll } from '../../src/reseal.ts';
import { endpointSecrets, openedSecret } from '../../src/webhooks/secrets.ts';
import {
  ENCRYPTION_KEYS,
  type TestDatabase,
  testDatabase,
  verifyAndDrop,
} from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { addedEndpoint, quietWallet, send } from './listening.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

async function storedOf(id: string): Promise<string> {
  const [row] = await database.query<{ secret: string }>(
    'select secret from webhook_endpoints where id = $1',
    [id],
  );
  return row?.secret ?? '';
}

test('secrets of endpoints stand encrypted in the database, and a plain one is encrypted when all are sealed anew', async () => {
  const made = await addedEndpoint(database, null, { url: 'https://made.example.com' });
  expect(await storedOf(made.id)).not.toContain(made.secret);
  const older = await addedEndpoint(database, null, { url: 'https://older.example.com' });
  await database.query('update webhook_endpoints set secret = $2 where id = $1', [
    older.id,
    older.secret,
  ]);
  const box = endpointSecrets(ENCRYPTION_KEYS);
  expect(openedSecret(box, await storedOf(older.id), older.id)).toBe(older.secret);
  const resealed = await resealAll(database.connections, ENCRYPTION_KEYS);
  expect(resealed).toEqual({ renewed: 1, unreadable: 0 });
  expect(box.open(await storedOf(older.id), older.id)).toBe(older.secret);
});

test('with a new key before the old one all are sealed anew, and the old one is needed no more', async () => {
  const { id, secret } = await addedEndpoint(database, null, { url: 'https://kept.example.com' });
  await resealAll(database.connections, ['a newer key', ...ENCRYPTION_KEYS]);
  const box = endpointSecrets(['a newer key']);
  expect(box.open(await storedOf(id), id)).toBe(secret);
  expect(box.open(await storedOf(id), 'another endpoint')).toBeUndefined();
  expect(await resealAll(database.connections, ['a newer key'])).toEqual({
    renewed: 0,
    unreadable: 0,
  });
});

test('what is encrypted with a key that nobody names any more is counted, left, and not signed with', async () => {
  const receiver = await startReceiver();
  const wallet = await quietWallet(database, ledger, 10n);
  const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
  const lost = endpointSecrets(['a lost key']).seal('whsec_bG9zdA==', id);
  await database.query('update webhook_endpoints set secret = $2 where id = $1', [id, lost]);
  await ledger.execute(wallet.debit(10n));
  await send(database);
  expect(receiver.received).toEqual([]);
  expect(
    await database.query('select error from webhook_deliveries where endpoint_id = $1', [id]),
  ).toEqual([{ error: 'The seller could not sign the message, and has been told.' }]);
  expect((await resealAll(database.connections, ENCRYPTION_KEYS)).unreadable).toBeGreaterThan(0);
  expect(await storedOf(id)).toBe(lost);
  await receiver.close();
});
