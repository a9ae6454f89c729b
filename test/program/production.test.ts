import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmptyDatabase, emptyDatabase } from './databases.ts';
import { type Program, type Server, freePort, run, signUp, startServer } from './started.ts';

const BASE_URL = 'https://credits.example.com';
let database: EmptyDatabase;
let production: Record<string, string>;
let server: Server;
let worker: Program;
beforeAll(async () => {
  database = await emptyDatabase();
  production = {
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    SESSION_SECRET: randomUUID(),
    ENCRYPTION_KEY: randomUUID(),
    BASE_URL,
    HOST: '127.0.0.1',
    PORT: await freePort(),
  };
  expect(await run(['src/migrate.ts'], production).ended).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Migrated: 001-[\w-]+(, \d{3}-[\w-]+)*\.\n$/) as string,
    err: '',
  });
  worker = run(['src/worker.ts'], production);
  server = await startServer(production);
  await worker.says('The worker is ready.');
});
afterAll(async () => {
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 0, err: '' });
  expect(await server.stop()).toMatchObject({ code: 0, err: '' });
  await database.drop();
});

const local = (): string => `http://127.0.0.1:${production['PORT'] ?? ''}`;

/** A request as the proxy that ends TLS passes it on. */
function proxied(
  path: string,
  {
    cookie = '',
    ...init
  }: { method?: string; body?: URLSearchParams | string; cookie?: string } = {},
): Promise<Response> {
  return fetch(local() + path, {
    ...init,
    redirect: 'manual',
    headers: {
      cookie,
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-For': '198.51.100.7, 203.0.113.9',
      Origin: BASE_URL,
    },
  });
}

async function join(): Promise<{ cookie: string; slug: string; answer: Response }> {
  const email = `${randomUUID()}@example.com`;
  const body = new URLSearchParams({ name: 'Ada', email, password: randomUUID() });
  const answer = await proxied('/sign-up', { method: 'POST', body });
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  return { cookie, slug: (answer.headers.get('location') ?? '').replace('/w/', ''), answer };
}

describe('A3: in production', () => {
  test('what is run here is what the Procfile says', async () => {
    const said = await readFile(new URL('../../Procfile', import.meta.url), 'utf8');
    expect(said.trim().split('\n')).toEqual([
      'web: node src/server.ts',
      'worker: node src/worker.ts',
      'release: node src/migrate.ts',
    ]);
  });

  test('the release step has nothing to do a second time', async () => {
    expect(await run(['src/migrate.ts'], production).ended).toMatchObject({
      code: 0,
      out: 'The database is up to date.\n',
    });
  });

  test('the server says where people reach it, that buying is off, and whom it leaves jobs to', () => {
    expect(server.said().out).toContain(
      [
        `Scrip is ready: ${BASE_URL}`,
        '  Buying is off: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.',
        '  Sign-in with Google is off: set GOOGLE_CLIENT_ID.',
        '  Mail is off: set SMTP_URL and MAIL_FROM.',
        '  Jobs are done by the worker: node src/worker.ts',
      ].join('\n'),
    );
  });

  test('the session cookie is for https and this host only', async () => {
    const { answer } = await join();
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-sid=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=/);
  });

  test('nobody can buy, and the page says so', async () => {
    const { cookie, slug } = await join();
    const page = await proxied(`/w/${slug}/buy`, { cookie });
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('This installation has no payment provider yet.'),
    ]);
    const body = new URLSearchParams({ package: 'starter', nonce: randomUUID() });
    const order = await proxied(`/w/${slug}/buy`, { method: 'POST', body, cookie });
    expect(order.status).toBe(503);
    expect((await proxied('/webhooks/stripe', { method: 'POST', body: '{}' })).status).toBe(404);
    expect(page.headers.get('content-security-policy')).not.toContain('127.0.0.1');
    expect(await database.query('select 1 from payments')).toEqual([]);
  });

  test('there is no demo person, and nobody is offered one', async () => {
    expect(await (await proxied('/sign-in')).text()).not.toContain('demo@');
    expect(await database.query("select 1 from people where email like 'demo@%'")).toEqual([]);
  });

  test('the client is whom the last proxy names, and without TRUST_PROXY whoever connects', async () => {
    const seen = async (): Promise<unknown> => {
      const [row] = await database.query<{ ip: string }>(
        "select host(ip) as ip from audit_events where action = 'person.signed_up' order by id desc limit 1",
      );
      return row?.ip;
    };
    await join();
    expect(await seen()).toBe('203.0.113.9');
    const port = await freePort();
    const direct = await startServer({
      ...production,
      PORT: port,
      BASE_URL: `http://localhost:${port}`,
      TRUST_PROXY: '0',
    });
    const browser = direct.browser().set('X-Forwarded-For', '203.0.113.10');
    await signUp(browser);
    expect(await seen()).toBe('127.0.0.1');
    await direct.stop();
  });

  test('https without a proxy that is trusted is told, since nobody could sign in', async () => {
    const settings = { ...production, PORT: await freePort() };
    const untrusting = await startServer({ ...settings, TRUST_PROXY: '0' });
    expect(untrusting.said().out).toContain('Set TRUST_PROXY=1.');
    await untrusting.stop();
    expect(server.said().out).not.toContain('TRUST_PROXY');
  });

  test('the worker does the jobs', async () => {
    await database.query("select graphile_worker.add_job('ledger.verify')");
    await worker.says('the ledger adds up');
  });
});
