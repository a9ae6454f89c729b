import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, createLedger, within } from '../../src/ledger/ledger.ts';
import { type Connections, connect, inWorkspace } from '../../src/lib/database.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type OpenStream, openStream, sessionOf } from '../support/streams.ts';
import { aDebit, aGrant } from '../support/wallet-states.ts';

/** Somebody who has just signed up, with 50 welcome credits, and a session of their own. */
interface Onlooker extends Customer {
  cookie: string;
}

let program: TestProgram;
let elsewhere: Connections;
let otherLedger: Ledger;
const streams: OpenStream[] = [];
beforeAll(async () => {
  program = await testProgram({ live: { streams: 40, streams_of_one: 3, round_seconds: 1 } });
  // As another process has them.
  const { url } = program.database;
  elsewhere = await connect({ url, poolMax: 4, onError: () => undefined });
  otherLedger = createLedger(elsewhere.ledger, elsewhere.notices);
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await elsewhere.close();
  await program.stop();
});

async function follow(address: string, cookie: string): Promise<OpenStream> {
  const stream = await openStream(`${program.url}${address}`, cookie);
  streams.push(stream);
  return stream;
}

async function someone(): Promise<Onlooker> {
  const customer = await program.signUp();
  return { ...customer, cookie: await sessionOf(program, customer) };
}

const followOwn = ({ slug, cookie }: Onlooker): Promise<OpenStream> =>
  follow(`/w/${slug}/live`, cookie);

const fresh = (wallet_id: string) => ({
  wallet_id,
  key: { namespace: 'test', key: randomBytes(8).toString('hex') },
});
const spend = (ledger: Ledger, { wallet_id }: { wallet_id: string }, credits = 1n) =>
  ledger.execute(aDebit(credits, fresh(wallet_id)));

describe('a stream of live balances', () => {
  test('L9: shows what is left now, and what another process has spent a moment later', async () => {
    const ada = await someone();
    const stream = await followOwn(ada);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers).not.toHaveProperty('content-encoding');
    await stream.shows('50.00 Healthy');
    await spend(otherLedger, ada, 3n);
    await stream.shows('47.00 Healthy');
    await spend(otherLedger, ada, 42n);
    await stream.shows('5.00 Low');
  });

  test('hears of what is written beside the lanes once it is committed, and of nothing that is not', async () => {
    const ada = await someone();
    const stream = await followOwn(ada);
    await stream.shows('50.00 Healthy');
    const granted = aGrant(10n, fresh(ada.wallet_id));
    const undone = inWorkspace(elsewhere.app, ada.workspace_id, (trx) =>
      within(trx, [ada.wallet_id], async (wallets) => {
        await wallets.run(granted);
        throw new Error('thought better of it');
      }),
    );
    await expect(undone).rejects.toThrow('thought better of it');
    await inWorkspace(elsewhere.app, ada.workspace_id, (trx) =>
      within(trx, [ada.wallet_id], (wallets) => wallets.run(granted)),
    );
    await stream.shows('60.00 Healthy');
    expect(stream.purses()).toEqual(['50.00 Healthy', '60.00 Healthy']);
  });

  test('a thousand debits in a burst are a few messages, and the last one is what is left', async () => {
    const ada = await someone();
    await program.ledger.execute(aGrant(1_000n, fresh(ada.wallet_id)));
    const stream = await followOwn(ada);
    await stream.shows('1,050.00 Healthy');
    await Promise.all(Array.from({ length: 1_000 }, () => spend(otherLedger, ada)));
    await stream.shows('50.00 Low');
    expect(stream.purses().length).toBeLessThan(50);
  });

  test('of a workspace hears nothing of another one, nor what changes nothing', async () => {
    const [ada, bob] = [await someone(), await someone()];
    const [adas, bobs] = [await followOwn(ada), await followOwn(bob)];
    await Promise.all([adas.shows('50.00 Healthy'), bobs.shows('50.00 Healthy')]);
    await spend(otherLedger, bob);
    await bobs.shows('49.00 Healthy');
    expect(await spend(otherLedger, ada, 1_000n)).toMatchObject({ outcome: 'refused' });
    await spend(otherLedger, bob);
    await bobs.shows('48.00 Healthy');
    expect(adas.purses()).toEqual(['50.00 Healthy']);
  });

  test('S6: is told of by every page with a purse, which works without it too', async () => {
    const ada = await someone();
    const { text } = await ada.browser.get(`/w/${ada.slug}/history`).expect(200);
    expect(text).toContain(`id="purse" hx-sse:connect="/w/${ada.slug}/live"`);
    expect(text).toMatch(/<script src="\/assets\/htmx\.js\?v=\w+" defer>/);
    const { text: door } = await program.browser().get('/sign-in').expect(200);
    expect(door).not.toContain('hx-sse');
  });
});

describe('a stream is refused', () => {
  test('attack: for a workspace of others, and to somebody who is not signed in', async () => {
    const [ada, eve] = [await someone(), await someone()];
    expect((await follow(`/w/${ada.slug}/live`, eve.cookie)).status).toBe(404);
    expect((await follow(`/w/${ada.slug}/live`, '')).status).toBe(401);
    expect((await follow(`/c/${ada.workspace_id}/live`, eve.cookie)).status).toBe(401);
  });

  test('with 429 to whoever has many, and to nobody else', async () => {
    const [ada, bob] = [await someone(), await someone()];
    for (let count = 0; count < 3; count++) expect((await followOwn(ada)).status).toBe(200);
    const refused = await followOwn(ada);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    expect((await followOwn(bob)).status).toBe(200);
    // One that was closed makes room.
    streams.find((stream) => stream.status === 200)?.close();
  });
});

describe('a stream ends', () => {
  test('when its session is ended, and says so, while others of the person go on', async () => {
    const ada = await someone();
    const [here, there] = [
      await followOwn(ada),
      await followOwn({ ...ada, cookie: await sessionOf(program, ada) }),
    ];
    await program.browser().post('/sign-out').set('Cookie', ada.cookie).expect(303);
    await here.ended;
    expect(here.text()).toContain('event: over\n');
    await spend(otherLedger, ada);
    await there.shows('49.00 Healthy');
  });

  test('for a member who is removed, and a person who is deactivated', async () => {
    const [ada, bob] = [await someone(), await someone()];
    const [adas, bobs] = [await followOwn(ada), await followOwn(bob)];
    await program.database.query('delete from memberships where workspace_id = $1', [
      ada.workspace_id,
    ]);
    await program.database.query('update people set deactivated_at = now() where email = $1', [
      bob.email,
    ]);
    await Promise.all([adas.ended, bobs.ended]);
    expect(adas.text() + bobs.text()).toMatch(/event: over\n[^]*event: over\n/);
  });

  test('of a customer with the visit by link, and shows their purse until then', async () => {
    const service = await newKey(program);
    const customer = await newCustomer(program, 10n);
    const answer = await send(program, service, `/customers/${customer.external_id}/links`, {});
    const link = String(bodyOf(answer)['url']);
    const visit = await program.browser().get(link.slice(program.url.length)).expect(303);
    const cookie = String(visit.headers['set-cookie']).split(';')[0] ?? '';
    const stream = await follow(`/c/${customer.workspace_id}/live`, cookie);
    await stream.shows('10.00 Healthy');
    expect(stream.text()).toContain(`href="/c/${customer.workspace_id}"`);
    await program.database.query('update workspaces set deactivated_at = now() where id = $1', [
      customer.workspace_id,
    ]);
    await stream.ended;
    expect(stream.text()).toContain('event: over\n');
  });

  test('without having prolonged its session, nor kept a connection of the database', async () => {
    const ada = await someone();
    const sessionId = decodeURIComponent(ada.cookie.slice('sid=s%3A'.length)).split('.')[0];
    await program.database.query(
      `update sessions set expire = now() + interval '1 day' where sid = $1`,
      [sessionId],
    );
    const stream = await followOwn(ada);
    await stream.shows('50.00 Healthy');
    const { totalCount, idleCount } = program.database.connections.plain;
    expect(idleCount).toBe(totalCount);
    expect(stream.headers).not.toHaveProperty('set-cookie');
    await program.database.query('delete from memberships where workspace_id = $1', [
      ada.workspace_id,
    ]);
    await stream.ended;
    const [left] = await program.database.query<{ prolonged: boolean }>(
      `select expire > now() + interval '2 days' as prolonged from sessions where sid = $1`,
      [sessionId],
    );
    expect(left).toEqual({ prolonged: false });
  });
});

describe('when the connection that hears of changes is cut', () => {
  test('streams stay, and show what was missed and what comes after', async () => {
    const ada = await someone();
    const stream = await followOwn(ada);
    await stream.shows('50.00 Healthy');
    await program.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'scrip-notices' and datname = current_database()`,
    );
    await spend(otherLedger, ada);
    await stream.shows('49.00 Healthy');
    await spend(otherLedger, ada);
    await stream.shows('48.00 Healthy');
  });
});
