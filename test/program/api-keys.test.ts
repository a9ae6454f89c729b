import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Server, run, startServer } from './started.ts';

let database: TestDatabase;
let servers: Server[];
const settings = (): Record<string, string> => ({
  DATABASE_URL: database.url,
  LOG_LEVEL: 'debug',
  RATE_LIMIT_SERVICE_KEY: '40',
});
beforeAll(async () => {
  database = await testDatabase();
  await run(['src/migrate.ts'], settings()).ended;
  servers = await Promise.all([startServer(settings()), startServer(settings())]);
});
afterAll(() => database.drop());

async function newKey(): Promise<string> {
  const { out } = await run(['src/cli.ts', 'create-key', '--name', 'x'], settings()).ended;
  return /^scrip_\S+$/m.exec(out)?.[0] ?? '';
}

/** What a server answers to a debit of a customer who has nothing: 402 while the key is good. */
async function ask({ url }: Server, key: string, query = ''): Promise<number> {
  const answer = await fetch(`${url}/api/v1/debits${query}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${key}`,
      'Idempotency-Key': randomUUID(),
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ customer: 'ada', operation: 'image.generate', quantity: '1' }),
  });
  expect(await answer.text()).not.toContain(key.slice(24));
  return answer.status;
}

async function read({ url }: Server, key: string): Promise<number> {
  const headers = { Authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/api/v1/balance?customer=ada`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

describe('several processes', () => {
  test('attack 24: a key that is revoked is good in none of them any more', async () => {
    const key = await newKey();
    for (const server of servers) {
      expect([await ask(server, key), await read(server, key)]).toEqual([402, 200]);
    }
    const words = ['src/cli.ts', 'revoke-key', '--prefix', key.slice(0, 23)];
    await run(words, settings()).ended;
    for (const server of servers) {
      expect([await ask(server, key), await read(server, key)]).toEqual([401, 401]);
    }
  });

  test('attack 58: they share what a key may do in a minute, and one that starts anew has nothing more', async () => {
    const key = await newKey();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const server = servers[index % servers.length];
        if (server === undefined) throw new Error('there is no server');
        return ask(server, key);
      }),
    );
    expect(answers.filter((status) => status === 402)).toHaveLength(40);
    expect(answers.filter((status) => status === 429)).toHaveLength(160);
    const another = await startServer(settings());
    expect(await ask(another, key)).toBe(429);
    await another.stop();
  });

  test('attack 24: no key stands in a log, and when they were used is written at the end', async () => {
    const key = await newKey();
    for (const server of servers) {
      expect(await ask(server, key, `?key=${key}`)).toBe(402);
      expect(await ask(server, `${key.slice(0, -4)}AAAA`)).toBe(401);
    }
    for (const server of servers) {
      const { code, out, err } = await server.stop();
      expect(code).toBe(0);
      expect(out).toContain('/api/v1/debits');
      expect(`${out}${err}`).not.toContain(key.slice(24, -4));
    }
    const unused = await database.query('select from api_keys where last_used_at is null');
    expect(unused).toEqual([]);
  });
});
