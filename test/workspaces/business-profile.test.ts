import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { presets } from '../../src/presets/presets.ts';
import { bodyOf, newKey } from '../support/api.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { joined } from '../support/teams.ts';
import { CREDIT } from '../support/wallet-states.ts';

const PATH = '/api/v1/user/business-profile';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ preset: presets.leadgen });
});
afterAll(() => program.stop());

const info = { industry: 'software', about: 'Invoices', brand_voice: 'friendly' };
const ideal_customer = { roles: 'Founders', companies: 'Small ones', places: '', needs: 'Time' };
const goals = [
  { title: 'Book demos', measure: 'demos', target: 30 },
  { title: 'Publish a case study' },
];
const whole = { ...info, ideal_customer, goals };

const put = ({ browser }: Customer, body: object) => browser.put(PATH).send(body);

const Goals = z.looseObject({
  goals: z.array(
    z.object({ id: z.uuid(), title: z.string(), reached: z.int(), done: z.boolean() }),
  ),
});
const goalsOf = async ({ browser }: Customer) =>
  Goals.parse(bodyOf(await browser.get(PATH).expect(200))).goals;

describe('L5: the business profile', () => {
  test('is kept as a whole, and its goals keep how far they have come', async () => {
    const ada = await program.signUp();
    const empty = bodyOf(await ada.browser.get(PATH).expect(200));
    expect(empty).toMatchObject({ industry: '', brand_voice: null, goals: [] });
    await put(ada, whole).expect(200);
    const [demos, study] = await goalsOf(ada);
    await ada.browser
      .post(`/w/${ada.slug}/business/goals/${demos?.id}`)
      .type('form')
      .send({ reached: '12' })
      .expect(303);
    await put(ada, {
      ...whole,
      brand_voice: 'casual',
      goals: [{ id: study?.id, title: 'Publish two', reached: 1 }, goals[0]],
    }).expect(200);
    expect(await goalsOf(ada)).toEqual([
      { id: study?.id, title: 'Publish two', reached: 1, done: true },
      { id: demos?.id, title: 'Book demos', reached: 12, done: false },
    ]);
    const body = bodyOf(await ada.browser.get(PATH));
    expect(body).toMatchObject({ ...info, brand_voice: 'casual', ideal_customer });
    const told = await program.database.query(
      `select action, after from audit_events where workspace_id = $1
        and action like 'business_profile.%' order by id`,
      [ada.workspace_id],
    );
    expect(told).toEqual([
      {
        action: 'business_profile.changed',
        after: { changed: ['industry', 'about', 'brand_voice', 'ideal_customer', 'goals'] },
      },
      { action: 'business_profile.goal_counted', after: { reached: 12 } },
      { action: 'business_profile.changed', after: { changed: ['brand_voice', 'goals'] } },
    ]);
  });

  test('is filled in from the template of an industry, and what was said stays', async () => {
    const ada = await program.signUp();
    await put(ada, { ...info, ideal_customer: { roles: 'Only founders' } }).expect(200);
    const page = await ada.browser.get(`/w/${ada.slug}/business?industry=recruiting`).expect(200);
    expect(page.text).toContain('Filled in for Recruiting.');
    expect(page.text).toContain('>Only founders</textarea>');
    expect(page.text).toContain('Fewer, better candidates, soon</textarea>');
    expect(page.text).toContain('value="Win open roles"');
    expect(await goalsOf(ada)).toEqual([]);
  });

  test('is kept by a form, which comes back with a sentence at what is wrong', async () => {
    const ada = await program.signUp();
    const { roles, companies, needs } = ideal_customer;
    const form = {
      ...{ ...info, roles, companies, needs },
      ...{ goal_1_title: 'Book demos', goal_1_measure: 'demos', goal_1_target: '30' },
      ...{ goal_3_title: 'Publish a case study', goal_3_target: '' },
    };
    const keep = (fields: object) =>
      ada.browser.post(`/w/${ada.slug}/business`).type('form').send(fields);
    const wrong = { ...form, goal_1_target: 'many', industry: 'unheard', brand_voice: 'loud' };
    const refused = await keep(wrong).expect(422);
    expect(refused.text).toContain('Three fields need a change.');
    expect(refused.text).toContain('Enter a whole number.');
    expect(refused.text).toContain('value="Book demos"');
    await keep({ ...form, goal_2_title: 'Book demos' }).expect(422);
    await keep(form).expect(303);
    expect((await goalsOf(ada)).map(({ title }) => title)).toEqual([
      ...['Book demos', 'Publish a case study'],
    ]);
    const page = await ada.browser.get(`/w/${ada.slug}/business?kept`).expect(200);
    expect(page.text).toContain('0 of 30 demos');
  });

  test('is changed by owners and admins, and read by members and keys of the workspace', async () => {
    const ada = await program.signUp();
    const { browser } = await joined(program, ada);
    const named = `${PATH}?workspace=${ada.slug}`;
    await browser.get(named).expect(200);
    await browser.put(named).send(whole).expect(403);
    const { workspace_id } = ada;
    const key = await newKey(program, { workspace_id, scopes: ['balance:read'] });
    const authorization = { Authorization: `Bearer ${key}` };
    await request(program.url).get(PATH).set(authorization).expect(200);
    await request(program.url).put(PATH).set(authorization).send(whole).expect(403);
    expect(bodyOf(await ada.browser.get(PATH))).toMatchObject({ industry: '' });
  });

  test('is in the export of the account, and goes with it', async () => {
    const ada = await program.signUp();
    await put(ada, whole).expect(200);
    const { text } = await ada.browser.get('/account/data.json').expect(200);
    expect(JSON.parse(text)).toMatchObject({
      business_profiles: [
        {
          workspace: ada.slug,
          profile: { ...info, customer_roles: 'Founders' },
          goals: [{ title: 'Book demos', target: 30 }, { title: 'Publish a case study' }],
        },
      ],
    });
    await ada.browser
      .delete('/api/v1/user/profile')
      .send({ email: ada.email, consent: 'yes' })
      .expect(200);
    const left = await program.database.query(
      `select workspace_id from business_profiles where workspace_id = $1
       union select workspace_id from marketing_goals where workspace_id = $1`,
      [ada.workspace_id],
    );
    expect(left).toEqual([]);
  });
});

describe('L3: onboarding', () => {
  const asked = ({ browser }: Customer, step: string) =>
    browser.post('/api/v1/user/onboarding').send({ step });

  test('gives 100 for each part and 200 for all: with the welcome 1,000', async () => {
    const ada = await program.signUp();
    expect(await ada.available()).toBe(500n * CREDIT);
    await asked(ada, 'business-info').expect(409);
    await asked(ada, 'nothing').expect(404);
    await put(ada, info).expect(200);
    expect(await ada.available()).toBe(600n * CREDIT);
    await put(ada, { ...info, goals }).expect(200);
    expect(await ada.available()).toBe(700n * CREDIT);
    await put(ada, whole).expect(200);
    expect(await ada.available()).toBe(1_000n * CREDIT);
    await put(ada, { industry: '' }).expect(200);
    await put(ada, whole).expect(200);
    await asked(ada, 'ideal-customer').expect(200);
    expect(await ada.available()).toBe(1_000n * CREDIT);
    const shown = bodyOf(await ada.browser.get('/api/v1/user/onboarding').expect(200));
    expect(shown).toMatchObject({
      steps: ['business-info', 'marketing-goals', 'ideal-customer'].map((code) => ({
        ...{ code, reward: '100', done: true },
      })),
      completion_reward: '200',
      completed: true,
    });
  });

  test('gives each once when steps are raced, twenty at once', async () => {
    const ada = await program.signUp();
    const steps = ['business-info', 'marketing-goals', 'ideal-customer'];
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await put(ada, index % 4 === 0 ? whole : { ...whole, about: `Invoices ${index}` });
        return asked(ada, steps[index % 3] ?? '');
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await ada.available()).toBe(1_000n * CREDIT);
  });
});

test('nobody is asked for a business profile where there are no industries', async () => {
  const plain = await testProgram({ buying: false });
  try {
    const ada = await plain.signUp();
    await ada.browser.get(PATH).expect(404);
    await ada.browser.get(`/w/${ada.slug}/business`).expect(404);
    expect((await ada.browser.get(`/w/${ada.slug}/start`)).text).not.toContain('Business profile');
  } finally {
    await plain.stop();
  }
});
