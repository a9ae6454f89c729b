import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plansOnSale } from '../../src/billing/plans.ts';
import { seedDemo } from '../../src/demo.ts';
import { presets } from '../../src/presets/presets.ts';
import { bodyOf, newKey, send } from '../support/api.ts';
import { type Product, chargedProduct } from '../support/charged-app.ts';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { control, deliver, order, payHeld } from '../support/purchases.ts';
import { subscribed } from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';

async function priceOf(program: TestProgram, code: string, currency: string) {
  const plans = await plansOnSale(program.database.connections.staff, currency);
  const price = plans.find((plan) => plan.code === code && plan.period === 'month');
  if (price === undefined) throw new Error(`${code} is not on sale`);
  return price;
}

const wholePageOf = async ({ browser, slug }: Customer, path: string): Promise<string> =>
  (await browser.get(`/w/${slug}${path}`).expect(200)).text;

const pageOf = async (customer: Customer, path: string): Promise<string> =>
  textOf(await wholePageOf(customer, path));

const signIn = ({ browser, email, password }: Customer) =>
  browser.post('/sign-in').type('form').send({ email, password });

describe('leadgen:', () => {
  let program: TestProgram;
  beforeAll(async () => {
    program = await testProgram({ demo: true, preset: presets.leadgen });
    await seedDemo(program.database.connections, presets.leadgen);
  });
  afterAll(() => program.stop());

  test('L1: somebody gets in by e-mail and password, and in development as the demo person', async () => {
    const ada = await program.signUp();
    await ada.browser.post('/sign-out').expect(303);
    await ada.browser.get(`/w/${ada.slug}`).expect(303);
    await signIn(ada).expect(303);
    await ada.browser.get(`/w/${ada.slug}`).expect(200);
    const guest = program.browser();
    const page = await guest.get('/sign-in').expect(200);
    expect(page.text).toContain('Sign in as the demo person');
    const demo = { email: 'demo@scrip.example', password: 'prepaid-demo' };
    const { headers } = await guest.post('/sign-in').type('form').send(demo).expect(303);
    const overview = await guest.get(String(headers['location'])).expect(200);
    expect(textOf(overview.text)).toContain('Demo Outreach');
  });

  test('L2: balance and plan are those of the person of the session, on every page, read for each', async () => {
    const { ada } = await subscribed(program, await priceOf(program, 'starter', 'INR'));
    const eve = await program.signUp('Eve');
    const PAGES = ['', '/usage', '/history', '/use', '/buy', '/plans', '/team', '/keys', '/alerts'];
    for (const path of PAGES) {
      const own = await wholePageOf(ada, path);
      for (const shown of ['>1,000.00</span>', 'Plan: Starter']) expect(own, path).toContain(shown);
      const other = await wholePageOf(eve, path);
      expect(other, path).toContain('>500.00</span>');
      expect(other, path).not.toContain('Plan: Starter');
    }
    const { workspace_id } = ada;
    const key = await newKey(program, { workspace_id });
    await send(program, key, '/debits', { operation: 'lead.scored', quantity: '3' }).expect(201);
    expect(await wholePageOf(ada, '/history')).toContain('>985.00</span>');
    const kept = await program.database.query<{ sess: string }>(
      `select sess::text from sessions s join people p on p.id = s.person_id where p.email = $1`,
      [ada.email],
    );
    expect(kept.map(({ sess }) => sess).join()).not.toMatch(/credit|balance|plan|available|985/i);
  });

  test('the pages are those of a product for leads', async () => {
    const guest = await program.browser().get('/').expect(200);
    const home = textOf(guest.text);
    expect(home).toContain('Leads that are verified, and messages that reach them');
    expect(home).toMatch(/20 leads × 5\.00\s+100\.00/);
    expect(guest.text).toContain('· Leadgen</title>');
    const ada = await program.signUp();
    const use = await pageOf(ada, '/use');
    for (const text of ['Find and reach leads', 'Texts and reasons by AI', '2.00 an SMS']) {
      expect(use).toContain(text);
    }
  });
});

describe('interior:', () => {
  let program: TestProgram;
  beforeAll(async () => {
    program = await testProgram({ preset: presets.interior });
  });
  afterAll(() => program.stop());

  const consume = ({ browser }: Customer, generation_id: string) =>
    browser.post('/api/user/credits/consume').send({ feature: 'furnish', generation_id });

  test('I8: joining grants once, signing in finds the same, a subscription makes uses free', async () => {
    const credits = async ({ browser }: Customer) =>
      bodyOf(await browser.get('/api/user/credits').expect(200));
    const { ada } = await subscribed(program, await priceOf(program, 'unlimited', 'USD'));
    const eve = await program.signUp('Eve');
    for (const one of [ada, eve]) {
      await one.browser.post('/sign-out').expect(303);
      await one.browser.get('/api/user/credits').expect(401);
      await signIn(one).expect(303);
    }
    expect(await credits(eve)).toMatchObject({
      remaining: 6,
      total: 6,
      subscription_status: 'free',
    });
    expect(await credits(ada)).toMatchObject({ remaining: 6, subscription_status: 'active' });
    expect(bodyOf(await consume(ada, 'a').expect(200))).toMatchObject({ remaining: 6, charged: 0 });
    expect(bodyOf(await consume(eve, 'a').expect(200))).toMatchObject({ remaining: 5, charged: 1 });
  });
});

describe('recruiter:', () => {
  let product: Product;
  beforeAll(async () => {
    product = await chargedProduct(presets.recruiter);
  });
  afterAll(() => product.stop());

  test('R4: without keys of Stripe all works but buying, which says so', async () => {
    const { program } = product;
    const ada = await program.signUp();
    const key = await newKey(program, { workspace_id: ada.workspace_id });
    const granted = await newKey(program);
    await send(program, granted, '/grants', {
      ...{ workspace: ada.slug, amount: '20', source: 'promo' },
    }).expect(201);
    await send(program, key, '/debits', { operation: 'voice.call', quantity: '3' }).expect(201);
    for (const path of [
      '',
      '/usage',
      '/history',
      '/use',
      '/plans',
      '/payments',
      '/team',
      '/keys',
    ]) {
      await pageOf(ada, path);
    }
    const buy = await pageOf(ada, '/buy');
    for (const shown of ['Buying is off', '$45.00']) expect(buy).toContain(shown);
    const form = { package: 'starter', nonce: '0198b2c4-7f3e-7a11-9d52-6c1f0b8e4a77' };
    await ada.browser.post(`/w/${ada.slug}/buy`).type('form').send(form).expect(503);
  });

  test('R9: calls and workflows are charged by what stands before their routes', async () => {
    const bob = { external_id: 'bob' };
    const service = await newKey(product.program);
    await send(product.program, service, '/grants', {
      ...{ customer: bob.external_id, amount: '10', source: 'promo' },
    }).expect(201);
    const app = await product.serve((routes) => {
      routes.use('/calls', product.charge({ operation: 'voice.call', quantity: '4' }));
      routes.use('/workflows', product.charge({ operation: 'workflow.run', quantity: 1 }));
      routes.post('/calls', (_req, res) => res.send('called'));
      routes.post('/workflows', (_req, res) => res.send('ran'));
      routes.post('/workflows/broken', (_req, res) => res.sendStatus(500));
    });
    expect(await product.ask(app, '/calls', bob)).toMatchObject({ status: 200, text: 'called' });
    expect(await product.ask(app, '/workflows', bob)).toMatchObject({ status: 200, text: 'ran' });
    expect((await product.ask(app, '/workflows/broken', bob)).status).toBe(500);
    const left = await product.program.database.query<{ available: string }>(
      `select w.available::text from wallets w join workspaces s on s.id = w.workspace_id
       where s.external_id = $1 and w.livemode`,
      [bob.external_id],
    );
    expect(left).toEqual([{ available: String(6_250_000) }]);
  });
});

describe('studio:', () => {
  let program: TestProgram;
  beforeAll(async () => {
    program = await testProgram({ preset: presets.studio });
  });
  afterAll(() => program.stop());

  test('S3: a payment has its amount in cents, its type and status, and the payment intent', async () => {
    const ada = await program.signUp();
    const bought = await order(program, ada, 'pro');
    const stored = () =>
      program.database.query(
        `select type, status, total_minor::int as cents, currency,
           payment_intent_id is not null as linked from payments where workspace_id = $1 order by id`,
        [ada.workspace_id],
      );
    const payment = { type: 'credit_purchase', cents: 24_99, currency: 'USD' };
    expect(await stored()).toEqual([{ ...payment, status: 'pending', linked: false }]);
    for (const event of await payHeld(program, bought)) await deliver(program, event);
    const left = await order(program, ada, 'basic');
    await control(program, `/sessions/${left.session_id}/expire`, {});
    await expect.poll(stored).toEqual([
      { ...payment, status: 'completed', linked: true },
      { ...payment, cents: 9_99, status: 'cancelled', linked: false },
    ]);
    const page = await pageOf(ada, '/payments');
    for (const shown of ['$24.99', 'Completed', '$9.99', 'Cancelled'])
      expect(page).toContain(shown);
  });

  test('S6, S9: profile, credits and dashboard tell who it is, what is left, what was made and paid', async () => {
    const ada = await program.signUp();
    const bought = await order(program, ada, 'basic');
    for (const event of await payHeld(program, bought)) await deliver(program, event);
    const consume = (feature: string) =>
      ada.browser.post('/api/user/credits/consume').send({ feature, generation_id: feature });
    for (const feature of ['image.generate', 'image.extend', 'video.process']) {
      await consume(feature).expect(200);
    }
    const dashboard = bodyOf(await ada.browser.get('/api/user/dashboard').expect(200));
    const profile = bodyOf(await ada.browser.get('/api/user/profile').expect(200));
    const credits = bodyOf(await ada.browser.get('/api/user/credits').expect(200));
    expect(dashboard).toMatchObject({ profile, credits: 53 });
    expect(dashboard['counts']).toEqual({ images: 2, videos: 1, payments: 1 });
    expect(dashboard['recent_activity']).toEqual(credits['history']);
    expect(credits).toMatchObject({
      ...{ remaining: 53, total: 60, subscription_status: 'free' },
      history: [
        {
          type: 'usage',
          feature: 'video.process',
          amount: -2,
          metadata: { generation_id: 'video.process' },
        },
        { type: 'usage', feature: 'image.extend', amount: -2 },
        { type: 'usage', feature: 'image.generate', amount: -3 },
        { type: 'purchase', amount: 50, balance: 60 },
        { type: 'bonus', amount: 10 },
      ],
    });
    expect(await wholePageOf(ada, '/usage')).toContain('>53.00</span>');
  });

  test('A2: 30 debits at once leave a history that adds up to the balance and that nobody changes', async () => {
    const ada = await program.signUp();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        ada.browser
          .post('/api/user/credits/consume')
          .send({ feature: 'image.upload', generation_id: `${index}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const { history } = bodyOf(await ada.browser.get('/api/user/credits').expect(200));
    expect(history).toHaveLength(11);
    expect(history).toMatchObject([...Array(11).keys()].map((balance) => ({ balance })));
    expect(await ada.available()).toBe(0n * CREDIT);
    const change = program.database.query('update entries set amount = 0 where wallet_id = $1', [
      ada.wallet_id,
    ]);
    await expect(change).rejects.toThrow();
  });
});
