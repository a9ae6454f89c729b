import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyPreset } from '../../src/apply-preset.ts';
import { presets } from '../../src/presets/presets.ts';
import { press, pressIn } from '../support/forms.ts';
import { textOf } from '../support/pages.ts';
import { type Browser, type TestProgram, testProgram } from '../support/program.ts';
import { newCode, redeem, usesOfCode } from '../support/promo-codes.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

test('finance makes a promo code, sees who used it, stops it and takes it up again', async () => {
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
  const at = String(made.headers['location']);
  await press(finance, at, 'Save the change', { active: '', reason: 'It has leaked' });
  const bob = await program.signUp();
  expect((await redeem(bob, 'SPRING')).text).toContain('There is no such code');
  await press(finance, at, 'Save the change', { active: 'yes', reason: 'It has not' });
  expect((await redeem(bob, 'SPRING')).status).toBe(303);
  const history = textOf((await finance.get(at)).text);
  expect(history).toContain('Grace Hopper In use: yes → no It has leaked');
});

async function pathOf(code: string): Promise<string> {
  const [row] = await program.database.query<{ id: string }>(
    'select id from promo_codes where code = $1',
    [code],
  );
  return `/admin/promo-codes/${String(row?.id)}`;
}

const limitTo = (staff: Browser, path: string, total: string) =>
  press(staff, path, 'Save the change', { total, reason: 'Another budget' });

test('a code is planned and opened to more, and its history says what, who and why', async () => {
  const finance = await staffBrowser(program, 'finance');
  const ada = await program.signUp();
  const code = await newCode(program, { total_limit: 1 });
  const path = await pathOf(code);
  const planned = { starts: '2100-01-01', ends: '2100-02-01', reason: 'For the next century' };
  expect((await press(finance, path, 'Save the change', planned)).status).toBe(303);
  expect(await redeem(ada, code)).toMatchObject({ status: 422 });
  const now = { starts: '', each: '2', total: '2', name: 'Winter', reason: 'Why wait' };
  await press(finance, path, 'Save the change', now);
  expect([(await redeem(ada, code)).status, (await redeem(ada, code)).status]).toEqual([303, 303]);
  const page = await finance.get(path).expect(200);
  expect(textOf(page.text)).toContain(
    'Grace Hopper Name: Autumn → Winter From: 2100-01-01 → nothing Times in all: 1 → 2 Times a person: 1 → 2 Why wait',
  );
  expect(textOf(page.text)).toContain('Until: nothing → 2100-02-01 For the next century');
  const audit = await finance.get('/admin/audit').expect(200);
  expect(audit.text).toContain('promo_code.changed');
});

test('what cannot be changed of a code is refused with a sentence at its field', async () => {
  const finance = await staffBrowser(program, 'finance');
  const code = await newCode(program, { person_limit: 2 });
  const path = await pathOf(code);
  const ada = await program.signUp();
  await redeem(ada, code);
  await redeem(ada, code);
  const { text: html } = await finance.get(path).expect(200);
  for (const [wrong, sentence] of [
    [{ reason: '' }, 'Say why'],
    [{ total: '1' }, '2 times already. Enter 2 or more'],
    [{ starts: '2030-01-02', ends: '2030-01-01' }, 'The end has to be after the beginning'],
    [{ ends: 'soon' }, 'Enter a day as'],
    [{ name: '' }, 'Enter a name'],
  ] as const) {
    const form = { reason: 'Tried', name: 'Kept', ...wrong };
    const refused = await pressIn(finance, { path, html }, 'Save the change', form);
    expect([refused.status, textOf(refused.text)]).toEqual([
      422,
      expect.stringContaining(sentence),
    ]);
  }
  // What it gives is no field of the form, and is not read where somebody sends it.
  const sent = { version: '1', name: 'More', active: 'yes', each: '2', reason: 'Greed' };
  const more = { code: 'MORE', kind: 'purchase', gives: '5000', credits: '5000', days: '1' };
  await finance
    .post(path)
    .type('form')
    .send({ ...sent, ...more })
    .expect(303);
  const [stored] = await program.database.query(
    'select code, kind, credits, expires_after_days, name from promo_codes where code = $1',
    [code],
  );
  const gives = { kind: 'grant', credits: '50000000', expires_after_days: 30 };
  expect(stored).toEqual({ code, ...gives, name: 'More' });
});

test('of two who change one code at once, the second is told and loses nothing', async () => {
  const [finance, admin] = [
    await staffBrowser(program, 'finance'),
    await staffBrowser(program, 'admin'),
  ];
  const path = await pathOf(await newCode(program));
  const { text: html } = await finance.get(path).expect(200);
  const answers = await Promise.all([
    pressIn(finance, { path, html }, 'Save the change', { name: 'One', reason: 'First' }),
    pressIn(admin, { path, html }, 'Save the change', { name: 'Two', reason: 'First' }),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
  const told = answers.find(({ status }) => status === 409);
  expect(told?.text).toContain('Somebody else has changed this');
  const again = await pressIn(finance, { path, html: String(told?.text) }, 'Save the change');
  expect(again.status).toBe(303);
});

test('attack 28: a limit that is lowered and raised while many redeem is never passed', async () => {
  const finance = await staffBrowser(program, 'finance');
  const code = await newCode(program, { total_limit: 4 });
  const path = await pathOf(code);
  const crowd = await Promise.all(Array.from({ length: 8 }, () => program.signUp()));
  const all = () => Promise.all(crowd.map((person) => redeem(person, code)));
  const [lowered] = await Promise.all([limitTo(finance, path, '2'), all()]);
  expect([303, 422]).toContain(lowered.status);
  const most = lowered.status === 303 ? 2 : 4;
  expect((await usesOfCode(program, code)).taken).toBe(most);
  const [raised] = await Promise.all([limitTo(finance, path, '6'), all()]);
  expect(raised.status).toBe(303);
  await all();
  expect((await usesOfCode(program, code)).taken).toBe(6);
});

test('a code goes on naming what is no longer sold, and no more of it', async () => {
  const finance = await staffBrowser(program, 'finance');
  const terms = { kind: 'purchase', packages: ['bygone'] } as const;
  const path = await pathOf(await newCode(program, terms));
  const longer = { ends: '2100-01-01', reason: 'Longer' };
  expect((await press(finance, path, 'Save the change', longer)).status).toBe(303);
  const more = { packages: 'bygone, passed', reason: 'More' };
  const refused = await press(finance, path, 'Save the change', more);
  expect([refused.status, refused.text]).toEqual([
    422,
    expect.stringContaining('passed is not sold'),
  ]);
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

test('support sees promo codes, and makes and changes none; to customers they do not exist', async () => {
  const support = await staffBrowser(program, 'support');
  const form = { code: 'FREE-FOR-ALL', name: 'All', kind: 'grant', gives: '20' };
  await support.get('/admin/promo-codes').expect(200);
  await support.post('/admin/promo-codes').type('form').send(form).expect(403);
  const path = await pathOf(await newCode(program));
  expect((await support.get(path).expect(200)).text).not.toContain('Save the change');
  await support.post(path).type('form').send({ version: '1', name: 'Mine' }).expect(403);
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
