import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SIGNED_IN_ENDPOINTS } from '../../src/api/signed-in/endpoints.ts';
import { leadgenIndustries } from '../../src/presets/leadgen-industries.ts';
import { presets } from '../../src/presets/presets.ts';
import { bodyOf, newKey } from '../support/api.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';
import { CREDIT } from '../support/wallet-states.ts';

const History = z.object({
  history: z.array(z.looseObject({ entry: z.number() })),
  next_cursor: z.string().nullish(),
});

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({
    preset: { ...presets.interior, industries: leadgenIndustries },
  });
});
afterAll(() => program.stop());

const consume = ({ browser }: Customer, generation_id: string, feature = 'interior') =>
  browser.post('/api/user/credits/consume').send({ feature, generation_id });

describe('I5, S9: the credits of who is signed in', () => {
  test('are told in JSON numbers with the last 20 entries', async () => {
    const ada = await program.signUp();
    for (let number = 1; number <= 5; number++) await consume(ada, `room-${number}`).expect(200);
    const body = bodyOf(await ada.browser.get('/api/user/credits').expect(200));
    expect(body).toMatchObject({ remaining: 1, total: 6, subscription_status: 'free' });
    const { history } = History.parse(body);
    expect(history).toHaveLength(6);
    expect(history[0]).toMatchObject({
      ...{ type: 'usage', description: 'Interior', amount: -1, balance: 1 },
      ...{ feature: 'interior', generation_id: 'room-5' },
    });
    expect(history[5]).toMatchObject({ type: 'bonus', amount: 6 });
  });

  test('I4: 30 requests of one generation at once are one charge, of 30 generations six', async () => {
    const ada = await program.signUp();
    const same = await Promise.all(Array.from({ length: 30 }, () => consume(ada, 'one')));
    expect(new Set(same.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(same.map((answer) => bodyOf(answer)['entry'])).size).toBe(1);
    expect(await ada.available()).toBe(5n * CREDIT);
    const many = await Promise.all(
      Array.from({ length: 30 }, (_, index) => consume(ada, `other-${index}`)),
    );
    expect(many.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(many.filter(({ status }) => status === 402)).toHaveLength(25);
    expect(await ada.available()).toBe(0n);
  });

  test('with too few it answers 402, with what is left, what is needed and where to buy', async () => {
    const ada = await program.signUp();
    for (let number = 1; number <= 6; number++) await consume(ada, `${number}`).expect(200);
    const body = bodyOf(await consume(ada, 'seven').expect(402));
    expect(body).toMatchObject({
      ...{ code: 'insufficient_credits', remaining: 0, needed: 1 },
      buy_url: `${program.url}/w/${ada.slug}/buy`,
    });
  });

  test('a generation that is charged again for another feature is refused', async () => {
    const ada = await program.signUp();
    await consume(ada, 'room').expect(200);
    await consume(ada, 'room', 'exterior').expect(422);
    await consume(ada, 'other', 'nothing').expect(422);
    expect(await ada.available()).toBe(5n * CREDIT);
  });

  test('I3: on an unlimited plan a use is recorded and costs nothing', async () => {
    const ada = await program.signUp();
    await program.database.query(
      `update wallets set unlimited_until = now() + interval '1 day', unlimited_reason = 'plan'
       where id = $1`,
      [ada.wallet_id],
    );
    const body = bodyOf(await consume(ada, 'free').expect(200));
    expect(body).toMatchObject({ remaining: 6, charged: 0 });
  });

  test('its history comes in pages', async () => {
    const ada = await program.signUp();
    for (let number = 1; number <= 4; number++) await consume(ada, `${number}`).expect(200);
    const path = '/api/user/credits/history?limit=2';
    const seen: number[] = [];
    let cursor: string | null | undefined = '';
    while (typeof cursor === 'string') {
      const next = cursor === '' ? path : `${path}&cursor=${cursor}`;
      const page: z.output<typeof History> = History.parse(
        bodyOf(await ada.browser.get(next).expect(200)),
      );
      seen.push(...page.history.map(({ entry }) => entry));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  test('a key of the workspace asks for the same, and only with its scopes', async () => {
    const ada = await program.signUp();
    const { workspace_id } = ada;
    const key = await newKey(program, { workspace_id });
    const ask = request(program.url);
    const authorization = { Authorization: `Bearer ${key}` };
    await ask
      .post('/api/user/credits/consume')
      .set(authorization)
      .send({ feature: 'video', generation_id: 'by key' })
      .expect(200);
    const body = bodyOf(await ask.get('/api/v1/credits').set(authorization).expect(200));
    expect(body).toMatchObject({ available: '5', unlimited: false });
    await ask.delete('/api/v1/user/profile').set(authorization).expect(403);
    const narrow = await newKey(program, { workspace_id, scopes: ['balance:read'] });
    await ask.get('/api/user/credits/history').set('Authorization', `Bearer ${narrow}`).expect(403);
    const service = await newKey(program);
    await ask.get('/api/user/credits').set('Authorization', `Bearer ${service}`).expect(403);
  });
});

describe('each endpoint of who is signed in', () => {
  test('answers 401 to nobody, and 405 to a method that it has not', async () => {
    for (const { method, path } of SIGNED_IN_ENDPOINTS) {
      const answer = await program.browser()[method](path);
      const { status } = answer;
      const body = bodyOf(answer);
      expect([path, status, body['code']]).toEqual([path, 401, 'signed_out']);
    }
    const refused = await program.browser().patch('/api/user/credits').expect(405);
    expect(refused.headers['allow']).toBe('GET');
  });

  test('attack 18: takes nothing from another site by a cookie', async () => {
    const ada = await program.signUp();
    for (const { method, path } of SIGNED_IN_ENDPOINTS) {
      if (method === 'get') continue;
      const ask = ada.browser[method](path).set('Origin', 'https://evil.example');
      const answer = await ask.send({ feature: 'interior', generation_id: 'x' });
      const { status } = answer;
      const body = bodyOf(answer);
      expect([path, status, body['code']]).toEqual([path, 403, 'cross_origin']);
    }
    expect(await ada.available()).toBe(6n * CREDIT);
  });

  test.each([
    ['nothing', {}, 403],
    ['another site in Sec-Fetch-Site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another origin of the same site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['our own pages in Sec-Fetch-Site', { 'Sec-Fetch-Site': 'same-origin' }, 200],
  ])(
    'attack 18: a cookie counts as the browser says where it comes from, %s',
    async (_told, headers, status) => {
      const ada = await program.signUp();
      const asked = ada.browser.post('/api/user/credits/consume').unset('Origin').set(headers);
      await asked.send({ feature: 'interior', generation_id: 'x' }).expect(status);
    },
  );

  test('attack 13: is about the own workspaces only', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    for (const { method, path } of SIGNED_IN_ENDPOINTS) {
      if (method !== 'get') continue;
      await eve.browser.get(`${path}?workspace=${eve.slug}`).expect(200);
      await eve.browser.get(`${path}?workspace=${ada.slug}`).expect(404);
    }
  });

  test('answers 4xx to what makes no sense', async () => {
    const ada = await program.signUp();
    const nasty = [
      null,
      [],
      'x',
      {},
      { feature: 1 },
      { feature: 'interior', generation_id: '\u0000' },
    ];
    for (const { method, path } of SIGNED_IN_ENDPOINTS) {
      if (method === 'get') continue;
      for (const body of nasty) {
        const answer = await ada.browser[method](path)
          .type('application/json')
          .send(JSON.stringify(body));
        expect(answer.status, `${path} ${JSON.stringify(body)}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${path} ${JSON.stringify(body)}`).toBeLessThan(500);
      }
    }
    await ada.browser.get('/api/user/credits/history?limit=-1').expect(400);
    expect(await ada.available()).toBe(6n * CREDIT);
  });
});

describe('the profile', () => {
  test('L4: is read, changed and deleted', async () => {
    const ada = await program.signUp();
    const body = bodyOf(await ada.browser.get('/api/v1/user/profile').expect(200));
    expect(body).toMatchObject({ email: ada.email, workspace: { slug: ada.slug, role: 'owner' } });
    const changed = { name: 'Ada Lovelace', time_zone: 'Europe/London', locale: 'en' };
    await ada.browser.put('/api/v1/user/profile').send(changed).expect(200);
    expect((await ada.browser.get('/api/user/profile')).body).toMatchObject(changed);
    await ada.browser
      .delete('/api/v1/user/profile')
      .send({ email: 'somebody@else.example', consent: 'yes' })
      .expect(422);
    await ada.browser
      .delete('/api/v1/user/profile')
      .send({ email: ada.email, consent: 'yes' })
      .expect(200, { deleted: true });
    await ada.browser.get('/api/v1/user/profile').expect(401);
  });

  test('is not deleted by a session that showed long ago who it is', async () => {
    const ada = await program.signUp();
    await program.database.query(
      `update sessions set sess = jsonb_set(sess::jsonb, '{authenticated_at}', '0')::json
       where person_id = (select id from people where email = $1)`,
      [ada.email],
    );
    const form = { email: ada.email, consent: 'yes' };
    const body = bodyOf(await ada.browser.delete('/api/v1/user/profile').send(form).expect(403));
    expect(body['code']).toBe('confirm_first');
  });
});

test('L11, S6: metrics, onboarding and dashboard tell what was used', async () => {
  const ada = await program.signUp();
  await consume(ada, 'a', 'video').expect(200);
  const metrics = await ada.browser.get('/api/v1/dashboard/metrics').expect(200);
  expect(bodyOf(metrics)).toMatchObject({
    ...{ available: '5', spent: '1', spent_before: '0' },
    operations: [{ operation: 'video', spent: '1', quantity: '1', charges: 1 }],
  });
  expect(bodyOf(metrics)['days']).toHaveLength(28);
  const onboarding = await ada.browser.get('/api/v1/user/onboarding').expect(200);
  expect(bodyOf(onboarding)['steps']).toHaveLength(2);
  const dashboard = await ada.browser.get('/api/user/dashboard').expect(200);
  expect(dashboard.body).toMatchObject({
    profile: { email: ada.email },
    credits: 5,
    counts: { images: 0, videos: 1, payments: 0 },
  });
});

describe('I5: the staff give credits over the API', () => {
  test('once for each request, and customers do not find it', async () => {
    const ada = await program.signUp();
    const grant = { workspace: ada.slug, amount: '2', reason: 'Sorry', request_id: randomUUID() };
    await ada.browser.post('/api/admin/credits/grant').send(grant).expect(404);
    const staff = await staffBrowser(program, 'admin');
    for (let time = 0; time < 2; time++) {
      const body = bodyOf(await staff.post('/api/admin/credits/grant').send(grant).expect(200));
      expect(body['state']).toBe('done');
    }
    expect(await ada.available()).toBe(8n * CREDIT);
    await staff
      .post('/api/admin/credits/grant')
      .send({ ...grant, amount: '-2' })
      .expect(400);
  });
});
