import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminRoutes } from '../../src/admin/admin-routes.ts';
import { STAFF_FUNCTIONS, STAFF_ROLES, staffMay } from '../../src/core/staff-functions.ts';
import { REQUEST_FUNCTIONS } from '../../src/core/staff-limits.ts';
import { type Browser, type TestProgram, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const routes = () => {
  const { database, provider } = program;
  return adminRoutes({
    connections: database.connections,
    provider,
    verifying: { adminEmails: [] },
    examine: () => Promise.resolve([]),
  }).list;
};

/** A route as a browser asks for it, with ids that nothing has. */
const pathOf = (path: string) => `/admin${path.replaceAll(/:\w+/g, () => randomUUID())}`;

const ask = (browser: Browser, method: 'get' | 'post', path: string) =>
  method === 'get' ? browser.get(pathOf(path)) : browser.post(pathOf(path)).type('form').send({});

describe('attacks 13 to 15: each route of the admin area is answered to who may do what it is, as', () => {
  test.each(STAFF_ROLES)('%s', async (role) => {
    const browser = await staffBrowser(program, role);
    for (const { method, path, to } of routes()) {
      const answer = await ask(browser, method, path);
      const name = `${role}: ${method} ${path}`;
      expect(answer.status, name).toBeLessThan(500);
      if (staffMay(role, to)) expect(answer.status, name).not.toBe(403);
      else expect(answer.status, name).toBe(403);
    }
  });

  test('a customer, to whom none of them exists', async () => {
    const { browser } = await program.signUp();
    for (const { method, path } of routes()) {
      const answer = await ask(browser, method, path);
      expect(answer.status, `${method} ${path}`).toBe(404);
    }
  });
});

test('each function of the staff is the name of a route or asked for by name', () => {
  const asked = Object.values(REQUEST_FUNCTIONS).flatMap(({ ask, approve }) => [ask, approve]);
  const named = new Set([...routes().map(({ to }) => to), ...asked]);
  expect(
    Object.keys(STAFF_FUNCTIONS).filter((name) => ![...named].some((one) => one === name)),
  ).toEqual([]);
});
