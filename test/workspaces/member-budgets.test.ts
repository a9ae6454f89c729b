import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { type Joined, joined, setBudgetOf } from '../support/teams.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

/** Sends so many messages, at 0.10 credits each, from the page. */
async function use({ browser }: Pick<Customer, 'browser'>, path: string, messages: number) {
  const page = await browser.get(`${path}/use`).expect(200);
  const nonce = hiddenField(page.text, 'nonce');
  const fields = { operation: 'message.send', quantity: String(messages), nonce };
  return browser.post(`${path}/use`).type('form').send(fields);
}

async function budgetIn(owner: Customer, { person_id }: Joined): Promise<string> {
  const [row] = await program.database.query<{ id: string }>(
    'select id from budgets where workspace_id = $1 and subject = $2',
    [owner.workspace_id, `member:${person_id}`],
  );
  return `/w/${owner.slug}/team/members/${person_id}/budgets/${row?.id ?? ''}`;
}

describe('the budget of a member', () => {
  test('refuses what goes above it, says which it is and when it resets, and others go on', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    await setBudgetOf(ada, kate, { limit: '1', period: 'day' });
    await use(kate, kate.path, 9).then(({ status }) => expect(status).toBe(303));
    const refused = await use(kate, kate.path, 2);
    expect(refused.status).toBe(402);
    expect(refused.text).toContain('Your budget has too little left for Message.');
    expect(refused.text).toContain('It is 1.00 credits a day.');
    expect(refused.text).toMatch(/It starts anew on <time datetime="\d{4}-\d\d-\d\dT00:00/);
    expect(refused.text).toContain('0.90</span> used of 1.00');
    expect((await use(ada, `/w/${ada.slug}`, 20)).status).toBe(303);
  });

  test('counts what was used before it was set, and htmx gets the same answer as a part', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    await use(kate, kate.path, 30);
    await setBudgetOf(ada, kate, { limit: '3', period: 'month' });
    const page = await kate.browser.get(`${kate.path}/use`);
    const fields = {
      operation: 'message.send',
      quantity: '1',
      nonce: hiddenField(page.text, 'nonce'),
    };
    const part = await kate.browser
      .post(`${kate.path}/use`)
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .type('form')
      .send(fields);
    expect(part.status).toBe(402);
    expect(part.text).toContain('Your budget has too little left');
    expect(part.text).not.toContain('<html');
  });

  test('is raised until it starts anew, replaced by another of its kind, and removed', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    await setBudgetOf(ada, kate, { limit: '1', period: 'week' });
    const raise = { raise: '2' };
    const raised = `${await budgetIn(ada, kate)}/raise`;
    await ada.browser.post(raised).type('form').send({ raise: 'x' }).expect(422);
    await ada.browser.post(raised).type('form').send(raise).expect(303);
    expect((await use(kate, kate.path, 15)).status).toBe(303);
    await setBudgetOf(ada, kate, { limit: '1.6', period: 'week' });
    expect((await use(kate, kate.path, 2)).status).toBe(402);
    const rows = await program.database.query('select from budgets where workspace_id = $1', [
      ada.workspace_id,
    ]);
    expect(rows).toHaveLength(1);
    await ada.browser.post(`${await budgetIn(ada, kate)}/remove`).expect(303);
    expect((await use(kate, kate.path, 2)).status).toBe(303);
    const activity = await ada.browser.get(`/w/${ada.slug}/activity`);
    for (const words of [
      'set a limit of 1 credits a week for Kate',
      'raised a limit of 2 credits a week until it resets for Kate',
      'removed a limit of 1.6 credits a week for Kate',
    ]) {
      expect(activity.text).toContain(words);
    }
  });

  test('that only warns refuses nothing', async () => {
    const ada = await program.signUp('Ada');
    const kate = await joined(program, ada, { name: 'Kate' });
    await setBudgetOf(ada, kate, { limit: '0.5', period: 'day', kind: 'warning' });
    expect((await use(kate, kate.path, 10)).status).toBe(303);
    const page = await kate.browser.get(`${kate.path}/use`);
    expect(page.text).toContain('1.00</span> used of 0.50');
  });

  test('attack 15: members see their own, set none, and nobody touches one of another workspace', async () => {
    const [ada, eve] = [await program.signUp('Ada'), await program.signUp('Eve')];
    const kate = await joined(program, ada, { name: 'Kate' });
    const grace = await joined(program, ada, { name: 'Grace' });
    await setBudgetOf(ada, kate, { limit: '1', period: 'day' });
    const budget = await budgetIn(ada, kate);
    const own = await kate.browser.get(`${kate.path}/team/members/${kate.person_id}`).expect(200);
    expect(own.text).toContain('used of 1.00 credits a day');
    expect(own.text).not.toContain('Set the budget');
    await grace.browser.get(`${kate.path}/team/members/${kate.person_id}`).expect(403);
    expect((await grace.browser.get(`${kate.path}/team`)).text).not.toContain('of 1.00 a day');
    for (const what of ['raise', 'remove']) {
      const form = { raise: '100' };
      await kate.browser.post(`${budget}/${what}`).type('form').send(form).expect(403);
      await eve.browser.post(`${budget}/${what}`).type('form').send(form).expect(404);
      const moved = budget.replace(`/w/${ada.slug}/`, `/w/${eve.slug}/`);
      await eve.browser.post(`${moved}/${what}`).type('form').send(form).expect(404);
    }
    expect(await budgetIn(ada, kate)).toBe(budget);
  });
});
