import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { createApiKey } from '../../src/workspaces/api-keys.ts';
import { CustomerLinks } from '../../src/workspaces/customer-links.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

const written = new PassThrough();
const TOKEN = 'a token for metrics of more than 32 characters';
let lines = '';
let program: TestProgram;
beforeAll(async () => {
  written.setEncoding('utf8').on('data', (part: string) => (lines += part));
  const log = createLog('debug', written);
  program = await testProgram({ log, settings: { METRICS_TOKEN: TOKEN } });
});
afterAll(() => program.stop());

test('no key, password, cookie, token or signed link reaches the log, and each answer names its line', async () => {
  const ada = await program.signUp();
  const { app } = program.database.connections;
  const { secret: apiKey } = await app.transaction().execute((trx) =>
    createApiKey(trx, {
      name: 'n',
      workspace_id: null,
      livemode: true,
      scopes: ['debits:write'],
    }),
  );
  const links = new CustomerLinks(program.url, program.sessionSecrets);
  const { url: link } = links.urlFor(ada.workspace_id, 'overview', 60);
  const secrets = {
    password: 'not the right password of Ada',
    pathToken: 'Pa7hT0kenPa7hT0kenPa7hT0kenPa7hT0kenPa7hT0k',
    queryToken: 'Qu3ryT0kenQu3ryT0kenQu3ryT0kenQu3ryT0kenQu3',
  };
  const browser = program.browser();
  await browser
    .post('/sign-in')
    .type('form')
    .send({ email: ada.email, password: secrets.password });
  const signedIn = await browser
    .post('/sign-in')
    .type('form')
    .send({ email: ada.email, password: ada.password });
  const cookie = /sid=([^;]+)/.exec(String(signedIn.headers['set-cookie']))?.[1] ?? '';
  expect(cookie).not.toBe('');
  for (const path of ['verify', 'reset', 'undo', 'invitations']) {
    await browser.get(`/${path}/${secrets.pathToken}`);
  }
  await browser.get(`/auth/google/callback?code=${secrets.queryToken}&state=x`);
  await browser.get(`/unsubscribe?from=${secrets.queryToken}`);
  await fetch(link);
  await fetch(`${program.url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  const asked = await fetch(`${program.url}/api/v1/debits`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${apiKey}`, 'Idempotency-Key': 'k' },
    body: '{}',
  });
  await fetch(`${program.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'Stripe-Signature': `t=1,v1=${secrets.queryToken}` },
    body: '{}',
  });
  await expect.poll(() => lines).toContain('/webhooks/stripe');
  expect(lines).toContain(asked.headers.get('x-request-id'));
  const linkToken = new URL(link).searchParams.get('link') ?? '';
  const others = [ada.password, cookie, decodeURIComponent(cookie), apiKey, linkToken, TOKEN];
  for (const secret of [...Object.values(secrets), ...others]) expect(lines).not.toContain(secret);
});

test('what a library puts into its error is not logged with it: keys, addresses, rows', () => {
  let line = '';
  const log = createLog('error', { write: (text: string) => (line += text) });
  const faults = [
    'Invalid API Key provided: sk_live_abcdef123456',
    'connect to postgresql://scrip:pa55word@db.example.com/scrip failed',
    'Failing row contains (1, ada@example.com, $argon2id$v=19$m=1$c2FsdA$aGFzaA).',
    'Authorization: Bearer scrip_live_0123456789ab_abcdefghijklmnopqrstuvwxyz0123456789abcdefg',
    'signed with whsec_c2VjcmV0c2VjcmV0',
  ];
  for (const fault of faults) log.error({ err: new Error(fault) }, 'a job failed');
  expect(line).toMatch(/sk_live_….*scrip:…@db\.example\.com.*Failing row contains \(…\)/s);
  expect(line).not.toMatch(/abcdef123456|pa55word|ada@example|aGFzaA|xyz0123|c2VjcmV0/);
});
