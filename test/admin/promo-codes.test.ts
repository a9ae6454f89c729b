import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyPreset } from '../../src/apply-preset.ts';
import { presets } from '../../src/presets/presets.ts';
import { press } from '../support/forms.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { redeem } from '../support/promo-codes.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

test('finance makes a promo code, sees who used it, and stops it', async () => {
  const ada = await program.signUp();
  const finance = await staffBrowser(program, 'finance');
  const path = '/admin/promo-codes';
  const form = { code: 'spring', name: 'Spring', kind: 'grant', gives: '20' };
  const wrong = await finance
    .post(path)
    .type('form')
    .send({ ...form, gives: '5 %', each: 'x' });
  expect(wrong.status).toBe(422);
  const made = await finance
    .post(path)
    .type('form')
    .send({ ...form, total: '3', days: '30' });
  expect(made.status).toBe(303);
  const again = await finance.post(path).type('form').send(form);
  expect(again.text).toContain('There is this code already');
  expect((await redeem(ada, 'SPRING')).status).toBe(303);
  const page = await finance.get(String(made.headers['location'])).expect(200);
  expect(page.text).toContain(ada.email);
  expect((await finance.get(path).expect(200)).text).toContain('1 of 3');
  await finance.post(`${String(made.headers['location'])}/stop`).expect(303);
  expect((await redeem(await program.signUp(), 'SPRING')).text).toContain('There is no such code');
});

test('a code is limited to plans or packages that are sold, in the form', async () => {
  const finance = await staffBrowser(program, 'finance');
  const path = '/admin/promo-codes';
  const words = 'Make the code';
  const form = { code: 'team-10', name: 'Team', kind: 'plan', gives: '10 %', plans: 'team' };
  for (const [wrong, sentence] of [
    [{ plans: 'team, crew' }, 'crew is not sold. There is team'],
    [{ packages: 'starter' }, 'Packages are for codes that add to a purchase'],
    [{ kind: 'purchase' }, 'Plans are for codes that add to a plan'],
    [{ kind: 'purchase', plans: '', packages: 'gold' }, 'gold is not sold. There is starter'],
  ] as const) {
    const refused = await press(finance, path, words, { ...form, ...wrong });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(sentence)]);
  }
  const made = await press(finance, path, words, form);
  const page = await finance.get(String(made.headers['location'])).expect(200);
  expect(page.text).toContain('with the first payment of a plan');
  expect(page.text).toContain('<dd>team</dd>');
});

test('support sees promo codes and makes none; to customers they do not exist', async () => {
  const support = await staffBrowser(program, 'support');
  const form = { code: 'FREE-FOR-ALL', name: 'All', kind: 'grant', gives: '20' };
  await support.get('/admin/promo-codes').expect(200);
  await support.post('/admin/promo-codes').type('form').send(form).expect(403);
  const ada = await program.signUp();
  await ada.browser.post('/admin/promo-codes').type('form').send(form).expect(404);
});

test('a preset brings promo codes, once', async () => {
  const code = { code: 'PRESET-1', name: 'Preset', kind: 'grant', credits: '5' } as const;
  const apply = () =>
    program.database.connections.app
      .transaction()
      .execute((trx) => applyPreset(trx, { ...presets.default, promo_codes: [code] }));
  await apply();
  await apply();
  expect((await redeem(await program.signUp(), 'preset-1')).status).toBe(303);
});
