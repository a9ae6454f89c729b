import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inWorkspace } from '../../src/lib/database.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { ordered } from '../support/orders.ts';
import { invited, joined } from '../support/teams.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

async function make({ browser }: Customer, name: string, fields: Record<string, string> = {}) {
  const page = await browser.get('/workspaces/new').expect(200);
  const nonce = hiddenField(page.text, 'nonce');
  const form = { name, time_zone: 'Europe/Berlin', currency: 'USD', nonce, ...fields };
  return browser.post('/workspaces/new').type('form').send(form);
}

async function keep({ browser, slug }: Customer, fields: Record<string, string>) {
  const form = { name: 'Northlight', time_zone: 'UTC', ...fields };
  return browser.post(`/w/${slug}/settings`).type('form').send(form);
}

describe('workspaces of one person', () => {
  test('another workspace has empty wallets of its own, and brings no welcome credits', async () => {
    const ada = await program.signUp('Ada');
    const made = await make(ada, 'Northlight Talent', { kind: 'personal', credits: '500' });
    const path = String(made.headers['location']).replace(/\/team$/, '');
    expect(path).toMatch(/^\/w\/northlight-talent-[0-9a-f]{6}$/);
    const wallets = await program.database.query(
      `select livemode, available::int, s.kind, w.time_zone from wallets w
       join workspaces s on s.id = w.workspace_id where s.slug = $1 order by livemode`,
      [path.slice(3)],
    );
    const empty = { available: 0, kind: 'team', time_zone: 'Europe/Berlin' };
    expect(wallets).toEqual([
      { livemode: false, ...empty },
      { livemode: true, ...empty },
    ]);
    expect(await ada.available()).toBe(50_000_000n);
  });

  test('the workspace that was used last is where somebody begins, and comes first in the menu', async () => {
    const ada = await program.signUp('Ada');
    const homes: string[] = [`/w/${ada.slug}`];
    for (const name of ['One', 'Two']) {
      homes.push(String((await make(ada, name)).headers['location']).replace(/\/team$/, ''));
    }
    for (const home of [homes[1], homes[0], homes[2]]) {
      await ada.browser.get(`${home ?? ''}/history`).expect(200);
      expect((await ada.browser.get('/')).headers['location']).toBe(home);
    }
    const page = await ada.browser.get(homes[2] ?? '');
    const menu = /aria-labelledby="menu-workspaces">([\s\S]*?)<\/ul>/.exec(page.text)?.[1] ?? '';
    const others = [...menu.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
    expect(others).toEqual([homes[0], homes[1]]);
  });

  test('a form that is sent twice makes one workspace; the id of another’s makes none', async () => {
    const [ada, eve] = [await program.signUp('Ada'), await program.signUp('Eve')];
    const nonce = crypto.randomUUID();
    const answers = await Promise.all([
      make(ada, 'Twice', { nonce }),
      make(ada, 'Twice', { nonce }),
    ]);
    expect(answers.every(({ status }) => status === 303 || status === 409)).toBe(true);
    expect((await make(ada, 'Twice', { nonce })).status).toBe(303);
    const rows = await program.database.query("select from workspaces where name = 'Twice'");
    expect(rows).toHaveLength(1);
    expect((await make(eve, 'Stolen', { nonce: ada.workspace_id })).status).toBe(409);
    await eve.browser.get(`/w/${ada.slug}`).expect(404);
  });

  test('a personal workspace becomes a team with the first invitation', async () => {
    const ada = await program.signUp('Ada');
    const kindOf = () =>
      program.database.query('select kind from workspaces where id = $1', [ada.workspace_id]);
    expect(await kindOf()).toEqual([{ kind: 'personal' }]);
    await invited(ada, 'x@example.com', 'member');
    expect(await kindOf()).toEqual([{ kind: 'team' }]);
  });
});

describe('the settings of a workspace', () => {
  test('name, zone and currency are changed and audited; the address stays', async () => {
    const ada = await program.signUp('Ada');
    const form = { time_zone: 'Asia/Kolkata', currency: 'INR', slug: 'mine', kind: 'external' };
    await keep(ada, form).then(({ status }) => expect(status).toBe(303));
    const [row] = await program.database.query(
      'select name, time_zone, currency, slug, kind from workspaces where id = $1',
      [ada.workspace_id],
    );
    expect(row).toEqual({
      ...{ name: 'Northlight', time_zone: 'Asia/Kolkata', currency: 'INR' },
      ...{ slug: ada.slug, kind: 'personal' },
    });
    const page = await ada.browser.get(`/w/${ada.slug}/settings`);
    expect(page.text).toContain('go on counting days and months in UTC');
    expect((await ada.browser.get(`/w/${ada.slug}/activity`)).text).toContain(
      'changed the name from Ada to Northlight, the time zone from UTC to Asia/Kolkata, the currency from USD to INR',
    );
  });

  test('the currency stays once something was bought', async () => {
    const ada = await program.signUp('Ada');
    await ordered(program, ada);
    const refused = await keep(ada, { currency: 'INR' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('something was bought in it');
  });

  test.each([
    ['no name', { name: ' ' }],
    ['a name of two lines', { name: 'A\nB' }],
    ['a zone that there is not', { time_zone: 'Mars/Olympus' }],
    ['a currency in which nothing is sold', { currency: 'XAU' }],
    ['a currency that is none', { currency: "'; drop" }],
  ])('%s is refused, and nothing is changed', async (_what, fields) => {
    const ada = await program.signUp('Ada');
    expect((await keep(ada, fields)).status).toBe(422);
    const [row] = await program.database.query('select name from workspaces where id = $1', [
      ada.workspace_id,
    ]);
    expect(row).toEqual({ name: 'Ada' });
  });
});

describe('the activity of a workspace', () => {
  test('L13: managers see what everybody did, members what they did, others nothing', async () => {
    const [ada, eve] = [await program.signUp('Ada'), await program.signUp('Eve')];
    const kate = await joined(program, ada, { name: 'Kate' });
    await keep(ada, {});
    const path = `/w/${ada.slug}/activity`;
    const whole = (await ada.browser.get(path).expect(200)).text;
    expect(whole).toContain('changed the name from Ada to Northlight');
    expect(whole).toContain(`invited ${kate.email} as a member`);
    const own = (await kate.browser.get(path).expect(200)).text;
    expect(own).toContain('accepted the invitation, as a member');
    expect(own).not.toContain('changed the name');
    await eve.browser.get(path).expect(404);
    expect((await eve.browser.get(`/w/${eve.slug}/activity`)).text).not.toContain('Kate');
    const { app } = program.database.connections;
    for (const table of ['audit_events', 'invitations', 'memberships']) {
      const seen = await inWorkspace(app, eve.workspace_id, (trx) =>
        sql<{ id: string }>`
          select distinct workspace_id as id from ${sql.table(table)}`.execute(trx),
      );
      expect(seen.rows.filter(({ id }) => id !== eve.workspace_id)).toEqual([]);
      const outside = await sql`select from ${sql.table(table)}`.execute(app);
      expect(outside.rows).toEqual([]);
    }
  });

  test('goes back page by page and forth again, without a gap or a repetition', async () => {
    const ada = await program.signUp('Ada');
    await program.database.query(
      `insert into audit_events (id, workspace_id, actor_kind, actor_id, action, subject_kind, subject_id)
       select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, 'system', null,
         'api_key.revoked_' || n || '_', 'workspace', 'it'
       from generate_series(1, 120) n`,
      [ada.workspace_id],
    );
    const numbersOn = (html: string) =>
      [...html.matchAll(/revoked (\d+) /g)].map(([, n]) => Number(n));
    const linkOn = (html: string, rel: string) =>
      new RegExp(`href="([^"]+)" rel="${rel}"`).exec(html)?.[1] ?? '';
    const pages: string[] = [];
    for (let path = `/w/${ada.slug}/activity`; path !== '';) {
      const { text } = await ada.browser.get(path).expect(200);
      pages.push(text);
      path = linkOn(text, 'next');
    }
    const numbers = pages.flatMap(numbersOn);
    expect(numbers).toEqual(Array.from({ length: 120 }, (_, n) => 120 - n));
    const back = await ada.browser.get(linkOn(pages[2] ?? '', 'prev'));
    expect(numbersOn(back.text)).toEqual(numbersOn(pages[1] ?? ''));
    for (const odd of ['x', "'", '%00', '0']) {
      await ada.browser.get(`/w/${ada.slug}/activity?before=${odd}`).expect(200);
    }
  });
});
