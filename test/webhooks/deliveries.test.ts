import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, createLedger, within } from '../../src/ledger/ledger.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { PAUSES_SECONDS } from '../../src/webhooks/deliver.ts';
import { redeliver } from '../../src/webhooks/deliveries.ts';
import { resumeEndpoint, rollSecret } from '../../src/webhooks/endpoints.ts';
import { handOnAll } from '../../src/webhooks/hand-on.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { addedEndpoint, quietWallet, secrets, send, whenDue } from './listening.ts';

let database: TestDatabase;
let ledger: Ledger;
let receiver: Receiver;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await database.query('delete from webhook_endpoints');
  await receiver.close();
});

const SYSTEM = { kind: 'system' } as const;

function isSignedBy(secret: string, { headers, body }: Received | undefined = NOTHING): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
const NOTHING: Received = { path: '', headers: {}, body: '' };

async function stored(endpointId: string) {
  const [row] = await database.query<{
    attempts: number;
    status: number | null;
    error: string | null;
    answer: string | null;
    given_up: boolean;
    failures: number;
    paused_reason: string | null;
  }>(
    `select d.attempts, d.status, d.error, d.answer, e.failures, e.paused_reason,
       d.next_attempt_at is null and d.delivered_at is null as given_up
     from webhook_endpoints e left join webhook_deliveries d on d.endpoint_id = e.id
     where e.id = $1`,
    [endpointId],
  );
  return row;
}

describe('a message', () => {
  test('is signed as Standard Webhooks have it, and nothing else is taken for it', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id, secret } = await addedEndpoint(database, wallet.workspace_id, receiver);
    await ledger.execute(wallet.debit(10n));
    await send(database);
    const [message] = receiver.received;
    expect(receiver.types()).toEqual(['balance.exhausted']);
    expect(message?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(isSignedBy(secret, message)).toBe(true);
    expect(isSignedBy(`whsec_${Buffer.from('another').toString('base64')}`, message)).toBe(false);
    expect(isSignedBy(secret, { ...NOTHING, ...message, body: `${message?.body} ` })).toBe(false);
    expect(await stored(id)).toMatchObject({ attempts: 1, status: 204, given_up: false });
  });

  test('is signed with both secrets for a day after a new one was made', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id, secret } = await addedEndpoint(database, wallet.workspace_id, receiver);
    const by = { workspace_id: wallet.workspace_id, actor: SYSTEM };
    const rolled = await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
      rollSecret(trx, id, by, secrets),
    );
    await ledger.execute(wallet.debit(10n));
    await send(database);
    expect([secret, rolled ?? ''].map((one) => isSignedBy(one, receiver.received[0]))).toEqual([
      true,
      true,
    ]);
    await database.query(`update webhook_endpoints set previous_secret_until = now()`);
    await ledger.execute(wallet.grant(1n));
    await send(database);
    const later = receiver.received.at(-1);
    expect([secret, rolled ?? ''].map((one) => isSignedBy(one, later))).toEqual([false, true]);
  });

  test('is of what was committed: what is rolled back tells nobody', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    await addedEndpoint(database, wallet.workspace_id, receiver);
    const spend = inWorkspace(database.connections.app, wallet.workspace_id, async (trx) => {
      await within(trx, [wallet.id], (wallets) => wallets.run(wallet.grant(5n)));
      throw new Error('no, after all');
    });
    await expect(spend).rejects.toThrow('no, after all');
    await send(database);
    expect(receiver.types()).toEqual([]);
    await ledger.execute(wallet.grant(5n));
    await send(database);
    expect(receiver.types()).toEqual(['credits.granted']);
  });

  test('is written once for each endpoint, though several processes hand on at once', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    await addedEndpoint(database, wallet.workspace_id, receiver);
    for (let grants = 0; grants < 20; grants++) await ledger.execute(wallet.grant(1n));
    const { ledgerJobs, ledger: pool } = database.connections;
    await Promise.all([handOnAll(ledgerJobs), handOnAll(ledgerJobs), pool.query('select 1')]);
    await Promise.all([send(database), send(database), send(database)]);
    await send(database);
    expect(receiver.received).toHaveLength(20);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(20);
  });

  test('goes to the endpoints of its workspace, its mode and its kind, and to the seller', async () => {
    const [mine, theirs] = [
      await quietWallet(database, ledger, 10n),
      await quietWallet(database, ledger, 10n),
    ];
    const others = await startReceiver();
    const [forTests, forAll] = [await startReceiver(), await startReceiver()];
    await addedEndpoint(database, mine.workspace_id, receiver, { events: ['balance.exhausted'] });
    await addedEndpoint(database, mine.workspace_id, forTests, { livemode: false });
    await addedEndpoint(database, theirs.workspace_id, others);
    await addedEndpoint(database, null, forAll);
    await ledger.execute(mine.debit(10n));
    await ledger.execute(mine.grant(1n));
    await send(database);
    expect(receiver.types()).toEqual(['balance.exhausted']);
    expect(forTests.types()).toEqual([]);
    expect(others.types()).toEqual([]);
    expect(forAll.types().sort()).toEqual([
      'balance.exhausted',
      'balance.recovered',
      'credits.granted',
    ]);
    await Promise.all([others, forTests, forAll].map((one) => one.close()));
  });
});

describe('an attempt that fails', () => {
  test('is made again later with the same id, at last after three days, and then no more', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => res.writeHead(500).end('out of order'));
    await ledger.execute(wallet.debit(10n));
    await send(database);
    await send(database);
    expect(receiver.received).toHaveLength(1);
    expect(await stored(id)).toMatchObject({
      ...{ attempts: 1, status: 500, answer: 'out of order', failures: 1 },
      ...{ given_up: false, paused_reason: null },
    });
    for (let again = 0; again < PAUSES_SECONDS.length; again++) {
      await whenDue(database, id);
      await send(database);
    }
    expect(PAUSES_SECONDS.reduce((sum, seconds) => sum + seconds, 0) / 86_400).toBeCloseTo(3, 1);
    expect(await stored(id)).toMatchObject({ attempts: 11, given_up: true, failures: 11 });
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([11, 1]);
  });

  test('is a wrong turn: a redirect is an answer like others and is not followed', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => res.writeHead(307, { Location: '/elsewhere' }).end());
    await ledger.execute(wallet.debit(10n));
    await send(database);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks']);
    expect(await stored(id)).toMatchObject({ status: 307, failures: 1 });
  });

  test('keeps no more of an endless answer than its beginning, without what cannot be kept', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => {
      res.writeHead(200);
      const more = (): void => {
        if (!res.destroyed) res.write('a\u0000b'.repeat(1_000), more);
      };
      more();
    });
    await ledger.execute(wallet.debit(10n));
    await send(database);
    const delivery = await stored(id);
    expect(delivery).toMatchObject({ status: 200, failures: 0 });
    expect(delivery?.answer).toBe('a b'.repeat(167).slice(0, 500));
  });

  test('says that the connection was refused, or ended without an answer', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => res.destroy());
    await ledger.execute(wallet.debit(10n));
    await send(database);
    expect((await stored(id))?.error).toBe('The connection ended without an answer.');
    await receiver.close();
    await whenDue(database, id);
    await send(database);
    expect((await stored(id))?.error).toBe('The connection was refused.');
    receiver = await startReceiver();
  });
});

describe('an endpoint', () => {
  test('that failed for three days is paused, and gets what waited when it is resumed', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => res.writeHead(503).end());
    await ledger.execute(wallet.debit(10n));
    await send(database);
    await database.query(
      `update webhook_endpoints set failures = 9, failing_since = now() - interval '71 hours'`,
    );
    await whenDue(database, id);
    await send(database);
    expect(await stored(id)).toMatchObject({ failures: 10, paused_reason: null });
    await database.query(
      `update webhook_endpoints set failing_since = now() - interval '72 hours 1 second'`,
    );
    await whenDue(database, id);
    await send(database);
    expect(await stored(id)).toMatchObject({ failures: 11, paused_reason: 'failing' });
    await ledger.execute(wallet.grant(1n));
    await whenDue(database, id);
    await send(database);
    expect(receiver.received).toHaveLength(3);

    receiver.answerWith((res) => res.writeHead(200).end());
    const by = { workspace_id: wallet.workspace_id, actor: SYSTEM };
    await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
      resumeEndpoint(trx, id, by),
    );
    await send(database);
    expect(receiver.types().slice(3).sort()).toEqual([
      'balance.exhausted',
      'balance.recovered',
      'credits.granted',
    ]);
    expect(await stored(id)).toMatchObject({ failures: 0, paused_reason: null });
  });

  test('that answers 410 Gone is paused at once', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    receiver.answerWith((res) => res.writeHead(410).end());
    await ledger.execute(wallet.debit(10n));
    await send(database);
    expect(await stored(id)).toMatchObject({ failures: 1, paused_reason: 'gone' });
    await whenDue(database, id);
    await send(database);
    expect(receiver.received).toHaveLength(1);
  });

  test('gets a delivery once more when somebody asks for it, with the id that it had', async () => {
    const wallet = await quietWallet(database, ledger, 10n);
    const { id } = await addedEndpoint(database, wallet.workspace_id, receiver);
    await ledger.execute(wallet.debit(10n));
    await send(database);
    const [delivery] = await database.query<{ id: string }>('select id from webhook_deliveries');
    const again = await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
      redeliver(trx, id, delivery?.id ?? ''),
    );
    expect(again).toBe(true);
    await send(database);
    const [first, second] = receiver.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(await stored(id)).toMatchObject({ attempts: 1, status: 204 });
  });
});
