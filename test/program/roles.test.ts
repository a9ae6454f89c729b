import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { withinWorkspaces } from '../../src/ledger/ledger.ts';
import { connect, inWorkspace } from '../../src/lib/database.ts';
import { newWallet } from '../support/wallets.ts';
import { type StripeStandIn, startStripeStandIn } from '../../stand-ins/stripe/stand-in.ts';
import { type EmptyDatabase, ask, emptyDatabase } from './databases.ts';
import {
  type Customer,
  type Server,
  dataFolder,
  freePort,
  run,
  signUp,
  startServer,
} from './started.ts';

/** A PostgreSQL of its own: roles belong to a whole server, and here they are made. */
const data = await dataFolder();
let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let separated: EmptyDatabase;
let single: EmptyDatabase;
beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ folder: `${data}/pg`, durable: false });
  for (const user of ['owner createrole', 'single', 'program']) {
    await ask(postgres.url, `create role ${user} login password 'secret'`);
  }
  separated = await emptyDatabase(postgres.url, 'owner');
  single = await emptyDatabase(postgres.url, 'single');
});
afterAll(async () => {
  await separated.drop();
  await single.drop();
  await postgres.stop();
});

function urlOf(user: string, database: EmptyDatabase): string {
  const url = new URL(database.url);
  url.username = user;
  url.password = 'secret';
  return url.href;
}

/** The code of PostgreSQL's refusal, or 'done'. */
async function outcomeOf(client: pg.Client, statement: string): Promise<string> {
  try {
    await client.query(statement);
    return 'done';
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.code ?? '';
    throw error;
  }
}

/** A connection as the program's pools make theirs: in a role, or with the setting in its place. */
async function connection(url: string, setting: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: `-c ${setting}` });
  await client.connect();
  return client;
}

const FORBIDDEN = '42501';
const ENTRY_CHANGES = [
  ['entries', 'at'],
  ['audit_events', 'at'],
  ['wallet_seals', 'hour'],
  ['hour_seals', 'hour'],
].flatMap(([table, column]) => [
  `update ${table} set ${column} = ${column}`,
  `delete from ${table}`,
  `truncate ${table} cascade`,
]);

/** Spends once, as the form does. */
async function spend({ browser, slug }: Customer): Promise<void> {
  const form = { operation: 'image.generate', quantity: '1', nonce: randomUUID() };
  await browser.post(`/w/${slug}/use`).type('form').send(form).expect(303);
}

/** Makes a key of the service and charges a customer who is new with it. */
async function debitByKey(url: string, origin: string): Promise<number> {
  const settings = { DATABASE_URL: url };
  const made = await run(['src/cli.ts', 'create-key', '--name', 'Product'], settings).ended;
  const key = /^scrip_live_\S+$/m.exec(made.out)?.[0] ?? '';
  const answer = await fetch(`${origin}/api/v1/debits`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${key}`,
      'Idempotency-Key': randomUUID(),
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ customer: randomUUID(), operation: 'image.generate', quantity: '1' }),
  });
  return answer.status;
}

/** When keys were used is written at the end. */
async function allKeysWereUsed(database: EmptyDatabase): Promise<void> {
  const keys = await database.query('select last_used_at is not null as used from api_keys');
  expect(keys).toEqual([{ used: true }]);
}

describe('with an owner for the migrations and another user for the program', () => {
  let server: Server;
  let people: [Customer, Customer];
  beforeAll(async () => {
    const settings = {
      DATABASE_URL: urlOf('program', separated),
      MIGRATION_DATABASE_URL: urlOf('owner', separated),
    };
    const released = await run(['src/migrate.ts'], settings).ended;
    expect(released).toMatchObject({ code: 0, err: '' });
    server = await startServer({ ...settings, WORKER_INLINE: '1' });
    people = [await signUp(server.browser()), await signUp(server.browser())];
    for (const person of people) await spend(person);
  });
  afterAll(async () => {
    expect(await server.stop()).toMatchObject({ code: 0, err: '' });
    await allKeysWereUsed(separated);
  });

  test.each(['scrip_app', 'scrip_ledger', 'scrip_staff', 'program'])(
    'nobody changes entries or audit events, or drops a table, as %s',
    async (role) => {
      const client = await connection(urlOf('program', separated), `role=${role}`);
      for (const statement of [...ENTRY_CHANGES, 'drop table entries', 'drop table sessions']) {
        expect([statement, await outcomeOf(client, statement)]).toEqual([statement, FORBIDDEN]);
      }
      await client.end();
    },
  );

  test('attack 63: the owner of the tables changes no entries either', async () => {
    const client = await connection(urlOf('owner', separated), 'role=none');
    for (const statement of ENTRY_CHANGES) {
      expect([statement, await outcomeOf(client, statement)]).toEqual([statement, FORBIDDEN]);
    }
    await client.end();
  });

  test('a key of the service is made, and meets a customer who has no credits yet', async () => {
    expect(await debitByKey(urlOf('program', separated), server.url)).toBe(402);
  });

  test('staff see all and write nothing', async () => {
    const client = await connection(urlOf('program', separated), 'role=scrip_staff');
    const { rows } = await client.query('select distinct workspace_id from entries');
    expect(rows).toHaveLength(2);
    expect(await outcomeOf(client, 'update wallets set available = available')).toBe(FORBIDDEN);
    expect(await outcomeOf(client, 'select password_hash from people')).toBe(FORBIDDEN);
    await client.end();
  });
});

describe('with one user who may not create roles', () => {
  let server: Server;
  let people: [Customer, Customer];
  let stripe: StripeStandIn;
  beforeAll(async () => {
    const webhookSecret = `whsec_${randomBytes(12).toString('hex')}`;
    const secretKey = `sk_test_${randomBytes(12).toString('hex')}`;
    const port = await freePort();
    const webhookUrl = `http://127.0.0.1:${port}/webhooks/stripe`;
    stripe = await startStripeStandIn({ webhookUrl, webhookSecret, secretKey });
    server = await startServer({
      PORT: port,
      DATABASE_URL: urlOf('single', single),
      MIGRATE_ON_BOOT: '1',
      WORKER_INLINE: '1',
      STRIPE_SECRET_KEY: secretKey,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_URL: stripe.url,
    });
    people = [await signUp(server.browser()), await signUp(server.browser())];
    for (const person of people) await spend(person);
  });
  afterAll(async () => {
    expect(await server.stop()).toMatchObject({ code: 0, err: '' });
    await allKeysWereUsed(single);
    await stripe.close();
  });

  test('a key of the service is made by the one user, too, and meets a new customer', async () => {
    expect(await debitByKey(urlOf('single', single), server.url)).toBe(402);
  });

  test('people join, spend and buy, and the ledger adds up', async () => {
    const [{ browser, slug }] = people;
    const form = { package: 'starter', nonce: randomUUID() };
    const order = await browser.post(`/w/${slug}/buy`).type('form').send(form).expect(303);
    await fetch(`${String(order.headers['location'])}/pay`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ delivery: 'at_once' }),
    });
    const granted = () =>
      single.query<{ amount: string }>(
        "select amount from entries where kind = 'grant' and payment_id is not null",
      );
    await expect.poll(granted, { timeout: 15_000 }).toEqual([{ amount: '100000000' }]);
    const settings = { DATABASE_URL: urlOf('single', single) };
    expect(await run(['src/cli.ts', 'verify'], settings).ended).toMatchObject({
      code: 0,
      out: 'The ledger adds up.\n',
    });
  });

  test('wallets of two workspaces take part in a transaction that sees one', async () => {
    const url = urlOf('single', single);
    const connections = await connect({ url, poolMax: 2, onError: () => undefined });
    expect(connections.separation).toBe('one_user');
    const [from, to] = [await newWallet({ connections }), await newWallet({ connections })];
    const seen = await inWorkspace(connections.app, from.workspace_id, async (trx) => {
      const outcome = await withinWorkspaces(trx, [from.id, to.id], async (wallets) => {
        await wallets.run(from.grant(2n));
        return wallets.run(from.transfer(to, 1n));
      });
      expect(outcome).toMatchObject({ outcome: 'done' });
      return trx.selectFrom('entries').select('wallet_id').distinct().execute();
    });
    expect(seen).toEqual([{ wallet_id: from.id }]);
    await connections.close();
  });

  test('attack 63: the owner cannot change entries, audit events or seals', async () => {
    const client = await connection(urlOf('single', single), 'scrip.role=ledger');
    for (const statement of ENTRY_CHANGES) {
      expect([statement, await outcomeOf(client, statement)]).toEqual([statement, FORBIDDEN]);
    }
    await client.end();
  });

  test('a second user for the program is refused with a sentence', async () => {
    const settings = {
      DATABASE_URL: urlOf('program', single),
      MIGRATION_DATABASE_URL: urlOf('single', single),
    };
    const { code, err } = await run(['src/migrate.ts'], settings).ended;
    expect([code, err]).toEqual([1, expect.stringContaining('may not create roles')]);
  });
});
