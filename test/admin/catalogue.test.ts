import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyPreset } from '../../src/apply-preset.ts';
import { presets } from '../../src/presets/presets.ts';
import { press, pressIn } from '../support/forms.ts';
import { textOf } from '../support/pages.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { control, order } from '../support/purchases.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const PACKAGES = '/admin/catalogue/packages';
const BEGINNER = {
  ...{ code: 'beginner', name: 'Beginner', credits: '40', bonus: '2', position: '9' },
  ...{ currency_1: 'USD', price_1: '4.00', reason: 'For those who try' },
};

describe('R7: the staff create and change packages and price rules', () => {
  test('a new package is bought and a new price is charged, without a restart', async () => {
    const admin = await staffBrowser(program, 'admin');
    const ada = await program.signUp();
    const made = await press(admin, `${PACKAGES}/new`, 'Add the package', {
      ...BEGINNER,
      ...{ currency_2: 'JPY', price_2: '600' },
    });
    expect([made.status, made.headers['location']]).toEqual([303, `${PACKAGES}/beginner`]);
    const before = await ada.available();
    const bought = await order(program, ada, 'beginner');
    // Changed while the payment page is open: what was ordered is sold as it was ordered.
    const dearer = { price_2: '9.00', reason: 'Dearer' };
    await press(admin, `${PACKAGES}/beginner`, 'Save the change', dearer);
    await control(program, `/sessions/${bought.session_id}/pay`, {});
    await expect.poll(() => ada.available()).toBe(before + 42_000_000n);
    const [paid] = await program.database.query('select total_minor from payments where id = $1', [
      bought.payment_id,
    ]);
    expect(paid).toEqual({ total_minor: '400' });
    const history = textOf((await admin.get(`${PACKAGES}/beginner`)).text);
    expect(history).toContain('Grace Hopper Prices: ¥600, $4.00 → ¥600, $9.00 Dearer');

    const price = '/admin/catalogue/operations/message.send/price';
    const tried = await press(admin, price, 'Try it', {
      price_1: '0.25',
      quantity: '4',
      days: '30',
    });
    expect(textOf(tried.text)).toContain('0.25 per started message : 4 messages cost 1.00');
    const html = tried.text;
    const published = await pressIn(admin, { path: price, html }, 'Publish the price', {
      reason: 'Carriers are dearer',
    });
    expect(published.status).toBe(303);
    await expect
      .poll(async () => (await ada.browser.get(`/w/${ada.slug}/use`)).text)
      .toContain('0.25');
    expect(textOf((await admin.get('/admin/catalogue/operations/message.send')).text)).toContain(
      'Price: 0.10 per started message → 0.25 per started message',
    );
  });
});

describe('of two editors at once', () => {
  test('the second is told, with what was entered still there, and can say so again', async () => {
    const [admin, other] = [
      await staffBrowser(program, 'admin'),
      await staffBrowser(program, 'super_admin'),
    ];
    const path = `${PACKAGES}/starter`;
    const { text: html } = await admin.get(path).expect(200);
    await press(other, path, 'Save the change', { name: 'Small', reason: 'Shorter' });
    const second = { name: 'Start here', reason: 'Friendlier' };
    const told = await pressIn(admin, { path, html }, 'Save the change', second);
    expect(told.status).toBe(422);
    expect(told.text).toContain('Somebody else has changed this');
    expect(told.text).toContain('value="Start here"');
    const again = await pressIn(admin, { path, html: told.text }, 'Save the change', second);
    expect(again.status).toBe(303);
    expect(textOf((await admin.get(path)).text)).toContain('Small → Start here');
  });
});

describe('attack 16: what cannot be sold is refused with a sentence at its field', () => {
  test.each([
    [{ price_1: '-4' }, 'that can be paid'],
    [{ price_1: '99999999999' }, 'that can be paid'],
    [{ credits: '-1' }, 'Enter credits as a decimal'],
    [{ credits: '1e9' }, 'Enter credits as a decimal'],
    [{ currency_1: 'QQQ' }, 'Enter the code of a currency'],
    [{ code: 'starter' }, 'This code is taken'],
    [{ code: 'own' }, 'This code is taken'],
    [{ from: '2020-01-01T00:00' }, 'This moment is over'],
    [{ reason: '' }, 'Say why'],
  ])('%o', async (wrong, sentence) => {
    const admin = await staffBrowser(program, 'admin');
    const form = { ...BEGINNER, code: 'other', ...wrong };
    const refused = await press(admin, `${PACKAGES}/new`, 'Add the package', form);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(sentence)]);
  });
});

test('a change that is planned waits for its moment, and is withdrawn before it', async () => {
  const admin = await staffBrowser(program, 'admin');
  const path = '/admin/catalogue/plans/team';
  const from = '2100-01-01T09:00';
  await press(admin, path, 'Save the change', { credits: '500', from, reason: 'Next century' });
  const planned = await admin.get(path).expect(200);
  expect(textOf(planned.text)).toContain('500 credits a month');
  expect(planned.text).toContain('value="400"');
  await pressIn(admin, { path, html: planned.text }, 'Withdraw this change');
  expect(textOf((await admin.get(path)).text)).toContain('500 → 400');
  // What is changed now holds through the moment at which nothing is to happen any more.
  await press(admin, path, 'Save the change', { credits: '450', reason: 'More' });
  const after = await admin.get(path).expect(200);
  expect(after.text).not.toContain('Withdraw this change');
  const [last] = await program.database.query(
    "select max(credits) as credits from plan_versions where valid_from > '2099-01-01' and version > 2",
  );
  expect(last).toEqual({ credits: '450000000' });
});

test('a price that is planned is withdrawn before it begins, and customers are told of none', async () => {
  const admin = await staffBrowser(program, 'admin');
  const path = '/admin/catalogue/operations/image.generate/price';
  const from = '2100-01-01T09:00';
  await press(admin, path, 'Publish the price', { price_1: '9', from, reason: 'Next century' });
  const planned = await admin.get(path).expect(200);
  expect(textOf(planned.text)).toContain('on: 9.00 per started image');
  await pressIn(admin, { path, html: planned.text }, 'Withdraw this price');
  const withdrawn = await admin.get(path).expect(200);
  expect(withdrawn.text).not.toContain('Withdraw this price');
  await press(admin, path, 'Publish the price', { price_1: '4', reason: 'Dearer' });
  const ada = await program.signUp();
  const coming = await program.database.query(
    `select components->0->>'price' as price from price_rules
     where operation = 'image.generate' order by version desc limit 2`,
  );
  expect(coming).toEqual([{ price: '4000000000000' }, { price: '4000000000000' }]);
  expect((await ada.browser.get(`/w/${ada.slug}/use`)).text).not.toContain('2100');
});

test('a price lab that takes too long says that fewer days are to be tried', async () => {
  const admin = await staffBrowser(program, 'admin');
  const path = '/admin/catalogue/operations/voice.call/price';
  const { database } = program;
  const blocking = new pg.Client({ connectionString: database.url });
  await blocking.connect();
  await blocking.query('begin; lock table entries in access exclusive mode');
  const answer = press(admin, path, 'Try it', { days: '30', price_1: '2' });
  void answer.catch(() => undefined);
  const trying = () =>
    database.query<{ pid: number }>(
      `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%overdraft_limit%'
       and application_name = 'scrip-staff' and datname = current_database()`,
    );
  await expect.poll(trying).toHaveLength(1);
  // As its time limit does.
  await database.query('select pg_cancel_backend($1)', [(await trying())[0]?.pid]);
  const asked = await answer;
  await blocking.end();
  expect([asked.status, textOf(asked.text)]).toEqual([
    422,
    expect.stringContaining('Enter fewer days.'),
  ]);
  expect(asked.text).toContain('value="2"');
});

test('first steps, achievements, welcome and alert defaults are changed without a restart', async () => {
  const admin = await staffBrowser(program, 'admin');
  const home = '/admin/catalogue';
  await press(admin, `${home}/welcome-terms/welcome`, 'Save the change', {
    ...{ credits: '60', reason: 'Spring' },
  });
  await press(admin, `${home}/achievements/new`, 'Add the achievement', {
    ...{ code: 'first-key', title: 'The first key', when: 'key_made', credits: '2' },
    reason: 'For builders',
  });
  await press(admin, `${home}/alert-defaults/default`, 'Save the change', {
    ...{ low_percent: '30', reason: 'Earlier' },
  });
  const available = async () => (await program.signUp()).available();
  await expect.poll(available, { timeout: 8_000 }).toBe(60_000_000n);
  const ada = await program.signUp();
  expect((await ada.browser.get(`/w/${ada.slug}/start`)).text).toContain('The first key');
});

test('amounts of the buyer and rewards for referrals are changed and retired by versions', async () => {
  const admin = await staffBrowser(program, 'admin');
  const home = '/admin/catalogue';
  const pounds = { code: 'GBP', minimum: '5', maximum: '90', price: '0.09', reason: 'For the UK' };
  const wrong = { ...pounds, code: 'QQQ', maximum: '1' };
  const refused = await press(admin, `${home}/own-amounts/new`, 'Add the own amount', wrong);
  expect(refused.text).toContain('Enter the code of a currency');
  await press(admin, `${home}/own-amounts/new`, 'Add the own amount', pounds);
  const ada = await program.signUp();
  const buy = async () => (await ada.browser.get(`/w/${ada.slug}/buy?currency=GBP`)).text;
  expect(await buy()).toContain('Another amount');
  await press(admin, `${home}/own-amounts/GBP`, 'Save the change', { active: '', reason: 'Over' });
  expect(await buy()).not.toContain('GBP');
  const referrals = `${home}/referrals/terms`;
  await press(admin, referrals, 'Save the change', { referrer: '77', reason: 'A better reward' });
  const page = async () => ada.browser.get(`/w/${ada.slug}/referrals`);
  expect(textOf((await page()).text)).toContain('77');
  await press(admin, referrals, 'Save the change', { active: '', reason: 'Over' });
  expect((await page()).status).toBe(404);
  const history = textOf((await admin.get(referrals)).text);
  expect(history).toContain('In use: yes → no Over');
});

test("what a preset's next version left alone stands on a page, in the words of the command", async () => {
  const admin = await staffBrowser(program, 'admin');
  const path = `${PACKAGES}/business`;
  await press(admin, path, 'Save the change', { name: 'Large', reason: 'Plainer' });
  const version = presets.default.version + 1;
  const packages = presets.default.packages.map((one) => ({ ...one, name: `${one.name} 2` }));
  await program.database.connections.app
    .transaction()
    .execute((trx) => applyPreset(trx, { ...presets.default, version, packages }));
  const page = await admin.get('/admin/catalogue/preset').expect(200);
  expect(textOf(page.text)).toContain(`default ${version}`);
  expect(textOf(page.text)).toContain('changed here, and stays: package business');
  expect(page.text).toContain(`href="${path}"`);
  expect((await admin.get(PACKAGES)).text).toContain('href="/admin/catalogue/preset"');
});
