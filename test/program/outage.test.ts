import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { type Customer, type Server, dataFolder, signUp, startServer } from './started.ts';

const data = await dataFolder();
const startPostgres = () => startEmbeddedPostgres({ folder: `${data}/pg`, durable: false });
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let server: Server;
let ada: Customer;
beforeAll(async () => {
  postgres = await startPostgres();
  server = await startServer({
    DATABASE_URL: postgres.url,
    MIGRATE_ON_BOOT: '1',
    WORKER_INLINE: '1',
    LOG_LEVEL: 'fatal',
  });
  ada = await signUp(server.browser());
});
afterAll(async () => {
  expect(await server.stop()).toMatchObject({ code: 0, err: '' });
  await postgres.stop();
});

const spend = (nonce: string) =>
  ada.browser
    .post(`/w/${ada.slug}/use`)
    .type('form')
    .send({ operation: 'image.generate', quantity: '1', nonce });
const statusOf = async (path: string): Promise<number> => (await fetch(server.url + path)).status;

describe('attack 59: while PostgreSQL is stopped', () => {
  test('pages answer 503, the server lives on, and serves again when PostgreSQL is back', async () => {
    const nonce = randomUUID();
    await spend(nonce).expect(303);
    for (const round of [1, 2]) {
      await postgres.stop();
      const page = await ada.browser.get(`/w/${ada.slug}`).expect(503);
      expect(page.headers['retry-after']).toMatch(/^\d+$/);
      expect(page.text).toContain('The database does not answer at the moment.');
      const refused = await spend(randomUUID()).expect(503);
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
      await server.browser().get('/sign-in').expect(200);
      expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([503, 200]);

      postgres = await startPostgres();
      await expect.poll(() => statusOf('/readyz'), { timeout: 30_000 }).toBe(200);
      await ada.browser.get(`/w/${ada.slug}`).expect(200);
      const again = await spend(nonce).expect(303);
      expect(again.headers['location']).toContain('outcome=replayed');
      const next = await spend(randomUUID()).expect(303);
      expect(next.headers['location']).toBe(
        `/w/${ada.slug}/use?entry=${2 + round}&outcome=charged`,
      );
    }
  });
});
