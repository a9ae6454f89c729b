import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { PICO, newOperation } from '../support/random-prices.ts';
import { command } from './commands.ts';
import { type Server, run, serverOf, signUp } from './started.ts';

const CLOCK = path.join(import.meta.dirname, '../../torture/shifted-clock.ts');

let database: TestDatabase;
let ahead: Server;
let behind: Server;
let key: string;
beforeAll(async () => {
  database = await testDatabase();
  const settings = {
    DATABASE_URL: database.url,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    MIGRATE_ON_BOOT: '1',
    RATE_LIMIT_WORKSPACE_KEY: '3',
  };
  const started = async (minutes: number): Promise<Server> => {
    const shift = { SHIFTED_MINUTES: String(minutes), PORT: '0' };
    const program = run(['--import', CLOCK, 'src/server.ts'], { ...settings, ...shift });
    await program.says('Scrip is ready: ');
    return serverOf(program);
  };
  [ahead, behind] = await Promise.all([started(10), started(-10)]);
  key = await newKey('--name', 'Our product');
});
afterAll(async () => {
  await Promise.all([ahead.stop(), behind.stop()]);
  await verifyAndDrop(database);
});

async function newKey(...words: string[]): Promise<string> {
  const { out } = await command(['create-key', ...words], { DATABASE_URL: database.url });
  return /^scrip_live_\S+$/m.exec(out)?.[0] ?? '';
}

async function call(
  { url }: Server,
  path: string,
  body: object,
  as = key,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${as}`,
      'Idempotency-Key': randomUUID(),
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A moment by the database's clock, in minutes from now. */
async function inMinutes(minutes: number): Promise<string> {
  const [row] = await database.query<{ at: Date }>(
    `select clock_timestamp() + $1 * interval '1 minute' as at`,
    [minutes],
  );
  return row?.at.toISOString() ?? '';
}

const image = (customer: string) => ({ customer, operation: 'image.generate', quantity: '1' });

describe('attack 62: beside the database, the clocks of two processes are ten minutes ahead and behind', () => {
  test('a session of either is good at the other, and lasts', async () => {
    for (const [one, other] of [[ahead, behind] as const, [behind, ahead] as const]) {
      const { cookie, slug } = await signUp(one.browser());
      for (const { url } of [other, one]) {
        const page = await fetch(`${url}/w/${slug}`, { headers: { cookie }, redirect: 'manual' });
        expect(page.status).toBe(200);
      }
    }
    const [shortest] = await database.query<{ days: number }>(
      `select extract(epoch from min(expire) - now())::float8 / 86400 as days from sessions`,
    );
    expect(shortest?.days).toBeGreaterThan(13.9);
  });

  test('credits and holds that end in five minutes are there, and those that ended are not', async () => {
    const customer = randomUUID();
    const grant = { customer, amount: '10', source: 'promo' };
    expect(
      await call(ahead, '/grants', { ...grant, expires_at: await inMinutes(5) }),
    ).toMatchObject({ status: 201, body: { available: '10' } });
    await call(behind, '/grants', { ...grant, expires_at: await inMinutes(-5) });
    expect(await call(ahead, '/debits', image(customer))).toMatchObject({
      ...{ status: 201, body: { available: '7' } },
    });
    const held = await call(behind, '/holds', { ...image(customer), ttl_seconds: 300 });
    expect(held).toMatchObject({ status: 201, body: { available: '4', held: '3' } });
    expect(Date.parse(String(held.body['expires_at']))).toBeLessThan(
      Date.parse(await inMinutes(5)) + 1,
    );
    const capture = `/holds/${String(held.body['hold_id'])}/capture`;
    expect(await call(ahead, capture, { customer, quantity: '1' })).toMatchObject({
      ...{ status: 200, body: { available: '4', held: '0' } },
    });
    expect((await call(behind, '/debits', image(customer))).status).toBe(201);
  });

  test('a price holds from its moment by the database, at both', async () => {
    const operation = await newOperation(database);
    const addPrice = (version: number, credits: bigint, minutes: number) =>
      database.query(
        `insert into price_rules (id, operation, version, valid_from, components, made_by)
         select gen_random_uuid(), operation, $2, clock_timestamp() + $4 * interval '1 minute',
           jsonb_set(components, '{0,price}', to_jsonb($3::text)), made_by
         from price_rules where operation = $1 and version = 1`,
        [operation, version, String(credits * PICO), minutes],
      );
    await addPrice(2, 2n, 0);
    await addPrice(3, 3n, 5);
    const customer = randomUUID();
    await call(ahead, '/grants', { customer, amount: '10', source: 'promo' });
    for (const server of [ahead, behind]) {
      const debit = await call(server, '/debits', { customer, operation, quantity: '1' });
      expect(debit.body).toMatchObject({ amount: '2' });
    }
  });

  test('a link that was signed by either opens at the other', async () => {
    const customer = randomUUID();
    await call(ahead, '/grants', { customer, amount: '1', source: 'promo' });
    for (const [one, other] of [[ahead, behind] as const, [behind, ahead] as const]) {
      const made = await call(one, `/customers/${customer}/links`, { page: 'overview' });
      const url = new URL(String(made.body['url']));
      const page = await fetch(`${other.url}${url.pathname}${url.search}`, { redirect: 'manual' });
      expect([page.status, page.headers.get('location')]).toEqual([
        303,
        expect.stringMatching(/^\/c\/[0-9a-f-]{36}$/),
      ]);
    }
  });

  test('a key may ask so often in a minute, at both together', async () => {
    const { slug } = await signUp(ahead.browser());
    const own = await newKey('--name', 'Of a workspace', '--workspace', slug);
    const debit = { operation: 'image.generate', quantity: '1' };
    const statuses: number[] = [];
    for (const server of [ahead, behind, ahead, behind, ahead]) {
      statuses.push((await call(server, '/debits', debit, own)).status);
    }
    expect(statuses).toEqual([201, 201, 201, 429, 429]);
  });
});
