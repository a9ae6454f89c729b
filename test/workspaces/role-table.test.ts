import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadgenIndustries } from '../../src/presets/leadgen-industries.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { joined } from '../support/teams.ts';
import { WORKSPACE_ROUTES, type WorkspaceRoute } from '../support/workspace-routes.ts';

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
  program = await testProgram({ preset: { industries: leadgenIndustries } });
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
async function asked(browser: Browser, [method, route]: WorkspaceRoute): Promise<Response[]> {
  const url = `/w/${owner.slug}${route.replaceAll(/:\w+/g, () => crypto.randomUUID())}`;
  if (method === 'get') {
    return [await browser.get(url), await browser.head(url), await browser.get(url).set(PARTIAL)];
  }
  const form = { role: 'owner', confirmed: '', __proto__: { role: 'owner' } };
  const send = () => browser.post(url).type('form').send(form);
  return [await send(), await send().set(PARTIAL)];
}

const named = WORKSPACE_ROUTES.map((row) => ({ name: `${row[0]} ${row[1]}`, row }));

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
    for (const [method, route, who] of WORKSPACE_ROUTES) {
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
