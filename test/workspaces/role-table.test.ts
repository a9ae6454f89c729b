import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { joined } from '../support/teams.ts';

type Who = 'members' | 'managers';
type Row = readonly [method: 'get' | 'post', path: string, who: Who];

/** Every page and form of a workspace, and who is let through. */
const TABLE: readonly Row[] = [
  ['get', '/', 'members'],
  ['get', '/usage', 'members'],
  ['get', '/usage.csv', 'members'],
  ['get', '/usage.json', 'members'],
  ['get', '/history.csv', 'members'],
  ['get', '/history.json', 'members'],
  ['get', '/history', 'members'],
  ['get', '/history/balance', 'members'],
  ['get', '/history/statement', 'members'],
  ['get', '/history/:seq', 'members'],
  ['get', '/use', 'members'],
  ['post', '/use', 'members'],
  ['get', '/buy', 'members'],
  ['get', '/buy/run-out', 'members'],
  ['post', '/buy', 'managers'],
  ['post', '/transfers', 'managers'],
  ['get', '/redeem', 'members'],
  ['post', '/redeem', 'members'],
  ['get', '/referrals', 'members'],
  ['get', '/plans', 'members'],
  ['post', '/plans', 'managers'],
  ['post', '/plans/resume', 'managers'],
  ['post', '/plans/cancel', 'managers'],
  ['post', '/plans/portal', 'managers'],
  ['get', '/payments', 'members'],
  ['get', '/payments/:id', 'members'],
  ['get', '/payments/:id/invoice', 'members'],
  ['get', '/payments/:id/invoice.pdf', 'members'],
  ['get', '/payments/:id/stripe-receipt', 'members'],
  ['get', '/payments/:id/pro-forma', 'members'],
  ['get', '/payments/:id/pro-forma.pdf', 'members'],
  ['post', '/payments/:id/cancel', 'managers'],
  ['get', '/billing-details', 'managers'],
  ['post', '/billing-details', 'managers'],
  ['get', '/auto-top-up', 'managers'],
  ['post', '/auto-top-up', 'managers'],
  ['get', '/auto-top-up/consent', 'managers'],
  ['post', '/auto-top-up/off', 'managers'],
  ['post', '/auto-top-up/confirm', 'managers'],
  ['post', '/auto-top-up/card', 'managers'],
  ['get', '/auto-top-up/card', 'managers'],
  ['post', '/auto-top-up/card/remove', 'managers'],
  ['get', '/alerts', 'members'],
  ['get', '/alerts/:id', 'members'],
  ['post', '/alerts/read', 'members'],
  ['get', '/alerts/settings', 'members'],
  ['post', '/alerts/settings', 'managers'],
  ['post', '/alerts/preferences', 'members'],
  ['get', '/webhooks', 'managers'],
  ['post', '/webhooks', 'managers'],
  ['post', '/webhooks/mark', 'managers'],
  ['get', '/webhooks/:id', 'managers'],
  ['post', '/webhooks/:id/secret', 'managers'],
  ['post', '/webhooks/:id/remove', 'managers'],
  ['post', '/webhooks/:id/test', 'managers'],
  ['get', '/webhooks/:id/deliveries/:id', 'managers'],
  ['post', '/webhooks/:id/deliveries/:id/redeliver', 'managers'],
  ['get', '/team', 'members'],
  ['post', '/team/leave', 'members'],
  ['post', '/team/invitations', 'managers'],
  ['post', '/team/invitations/:id/resend', 'managers'],
  ['post', '/team/invitations/:id/revoke', 'managers'],
  // Members see the page about themselves.
  ['get', '/team/members/:id', 'managers'],
  ['post', '/team/members/:id/role', 'managers'],
  ['post', '/team/members/:id/transfer', 'managers'],
  ['post', '/team/members/:id/remove', 'managers'],
  ['post', '/team/members/:id/budgets', 'managers'],
  ['post', '/team/members/:id/budgets/:id/raise', 'managers'],
  ['post', '/team/members/:id/budgets/:id/remove', 'managers'],
  ['get', '/activity', 'members'],
  ['get', '/start', 'members'],
  ['post', '/start/leave', 'managers'],
  ['post', '/start/resume', 'managers'],
  ['get', '/settings', 'managers'],
  ['post', '/settings', 'managers'],
  ['get', '/keys', 'managers'],
  ['post', '/keys', 'managers'],
  ['get', '/keys/:id', 'managers'],
  ['post', '/keys/:id/pause', 'managers'],
  ['post', '/keys/:id/revoke', 'managers'],
];

/** Whoever comes back from Stripe brings what it is about. */
const ASKED_WITH_MORE = ['/auto-top-up/card'];
/** Streams, which end when their reader goes: tried where the header is. */
const ELSEWHERE = ['get /live'];
/** In files of a workspace's routes, and mounted beside them. */
const NOT_OF_A_WORKSPACE = ['post /webhooks/stripe', 'get /r/:code', 'get /new', 'post /new'];

let program: TestProgram;
let owner: Customer;
let callers: Record<'owner' | 'admin' | 'member' | 'stranger' | 'nobody', Browser>;
beforeAll(async () => {
  program = await testProgram();
  owner = await program.signUp('Ada');
  const admin = await joined(program, owner, { role: 'admin', name: 'Grace' });
  const member = await joined(program, owner, { name: 'Kate' });
  const stranger = await program.signUp('Eve');
  callers = {
    owner: owner.browser,
    admin: admin.browser,
    member: member.browser,
    stranger: stranger.browser,
    nobody: program.browser(),
  };
});
afterAll(() => program.stop());

const PARTIAL = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };

/** A page as it is asked for, its head, a part of it; a form as a page and htmx send it. */
async function asked(browser: Browser, [method, route]: Row): Promise<Response[]> {
  const url = `/w/${owner.slug}${route.replaceAll(/:\w+/g, () => crypto.randomUUID())}`;
  if (method === 'get') {
    return [await browser.get(url), await browser.head(url), await browser.get(url).set(PARTIAL)];
  }
  const form = { role: 'owner', confirmed: '', __proto__: { role: 'owner' } };
  const send = () => browser.post(url).type('form').send(form);
  return [await send(), await send().set(PARTIAL)];
}

const named = TABLE.map((row) => ({ name: `${row[0]} ${row[1]}`, row }));

describe('attacks 13 to 15: each page and form of a workspace', () => {
  test.each(named)('$name lets through whom the table names, and nobody else', async ({ row }) => {
    const [, route, who] = row;
    const through = (answers: Response[]): void => {
      for (const { status } of answers) {
        expect(status).not.toBe(403);
        expect(status).not.toBe(401);
        expect(status).toBeLessThan(500);
        if (!route.includes(':') && !ASKED_WITH_MORE.includes(route)) expect(status).not.toBe(404);
      }
    };
    through(await asked(callers.owner, row));
    through(await asked(callers.admin, row));
    const members = await asked(callers.member, row);
    if (who === 'members') through(members);
    else expect(members.map(({ status }) => status)).toEqual(members.map(() => 403));
    const strangers = await asked(callers.stranger, row);
    expect(strangers.map(({ status }) => status)).toEqual(strangers.map(() => 404));
    const nobody = await asked(callers.nobody, row);
    expect(nobody.map(({ status }) => status)).toEqual(
      row[0] === 'get' ? [303, 303, 401] : [303, 401],
    );
    expect(String(nobody[0]?.headers['location'])).toMatch(/^\/sign-in/);
  });

  test('attack 14: a path in capitals, with a slash behind it or another method opens nothing more', async () => {
    const { member } = callers;
    const base = `/w/${owner.slug}`;
    for (const [method, route, who] of TABLE) {
      if (who !== 'managers') continue;
      const url = route.replaceAll(/:\w+/g, () => crypto.randomUUID());
      for (const odd of [`${base}${url.toUpperCase()}`, `${base}${url}/`, `${base}/.${url}`]) {
        const answer = method === 'get' ? await member.get(odd) : await member.post(odd);
        expect([403, 404], `${method} ${odd}`).toContain(answer.status);
      }
      const override = { 'X-HTTP-Method-Override': method.toUpperCase() };
      const answer = await member.get(`${base}/history`).set(override);
      expect(answer.status).toBe(200);
    }
  });

  test('the table has each route that the files name', () => {
    const known = [...named.map(({ name }) => name), ...ELSEWHERE, ...NOT_OF_A_WORKSPACE];
    const missing = routesInFiles().filter((route) => !known.some((one) => route.test(one)));
    expect(missing.map(String)).toEqual([]);
  });
});

/** The routes of a workspace as the source has them; a piece that is put together at run time matches all. */
function routesInFiles(): RegExp[] {
  const folder = path.join(import.meta.dirname, '..', '..', 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('-routes.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .filter((text) => text.includes('mergeParams: true'));
  return files.flatMap((text) =>
    [...text.matchAll(/router\s*\.(get|post)\(\s*(?:'([^'{]*)'|`([^`]*)`)/g)].map(
      ([, method = '', plain, template]) => {
        const parts = (plain ?? template ?? '').split(/\$\{[^}]*\}|:\w+/);
        const pattern = parts.map((part) => RegExp.escape(part)).join('[^/]+');
        return new RegExp(`^${method} ${pattern}$`);
      },
    ),
  );
}
