import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINTS } from '../../src/api/endpoints.ts';
import { SIGNED_IN_ENDPOINTS } from '../../src/api/signed-in/endpoints.ts';
import { leadgenIndustries } from '../../src/presets/leadgen-industries.ts';
import { CustomerLinks } from '../../src/workspaces/customer-links.ts';
import { bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { tablesIn } from '../support/planted-rows.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';
import { invited, joined, setBudgetOf } from '../support/teams.ts';
import { WORKSPACE_ROUTES } from '../support/workspace-routes.ts';
import { handOnNews } from '../alerts/alerting.ts';
import { addedEndpoint, send as sendWebhooks } from '../webhooks/listening.ts';

/** Stands in all that Bea has; no address or id has it in these letters. */
const MARK = 'Zyxqwv';

let program: TestProgram;
let bea: Customer;
let eve: Browser;
let eve_slug: string;
let eve_key: string;
let visit: string;
let beas: Record<string, string>;
beforeAll(async () => {
  program = await testProgram({ preset: { industries: leadgenIndustries } });
  bea = await program.signUp(`${MARK} Bea`);
  beas = await everythingOf(bea);
  const signedUp = await program.signUp('Eve');
  eve = signedUp.browser;
  eve_slug = signedUp.slug;
  eve_key = await newKey(program, { workspace_id: signedUp.workspace_id });
  // Eve is a product's customer too, by the link that she was sent.
  const customer = await newCustomer(program, 5n);
  const links = new CustomerLinks(program.url, program.sessionSecrets);
  const { url } = links.urlFor(customer.workspace_id, 'overview', 3_600);
  await eve.get(url.slice(program.url.length)).expect(303);
  visit = `/c/${customer.workspace_id}`;
});
afterAll(() => program.stop());

/** One of each thing that a path can name, of which Bea's pages show each. */
async function everythingOf(owner: Customer): Promise<Record<string, string>> {
  const { database } = program;
  const { workspace_id } = owner;
  const url = `http://127.0.0.1:9/${MARK}`;
  const endpoint = await addedEndpoint(database, workspace_id, { url });
  await newKey(program, { workspace_id, name: MARK });
  const member = await joined(program, owner, { name: `${MARK} Grace` });
  await setBudgetOf(owner, member, { limit: '7', period: 'day' });
  await invited(owner, `${MARK}@example.com`, 'member');
  const service = await newKey(program);
  const used = { workspace: owner.slug, operation: 'image.generate', quantity: '1' };
  const described = { ...used, description: MARK };
  const held = await send(program, service, '/holds', { ...described, ttl_seconds: 600 });
  // All but two credits, so that there is an alert.
  await send(program, service, '/debits', { ...described, quantity: '15' }).expect(201);
  await handOnNews(database);
  const bought = await order(program, owner);
  const events = await payHeld(program, bought);
  await deliver(program, only(events, 'checkout.session.completed'));
  for (let run = 1; run <= 5; run++) await send(program, service, '/debits', described).expect(201);
  await sendWebhooks(database);
  const profile = { industry: 'software', about: MARK, goals: [{ title: MARK }] };
  await owner.browser.put('/api/v1/user/business-profile').send(profile).expect(200);
  const idIn = async (table: string, column = 'id') => {
    const rows = await database.query<{ id: string }>(
      `select ${column} as id from ${table} where workspace_id = $1 order by 1 desc limit 1`,
      [workspace_id],
    );
    if (rows[0] === undefined) throw new Error(`Bea has no row in ${table}`);
    return rows[0].id;
  };
  return {
    payments: bought.payment_id,
    history: await idIn('entries', 'seq'),
    alerts: await idIn('alerts'),
    webhooks: endpoint.id,
    deliveries: await idIn('webhook_deliveries'),
    invitations: await idIn('invitations'),
    members: member.person_id,
    budgets: await idIn('budgets'),
    keys: await idIn('api_keys'),
    goals: await idIn('marketing_goals'),
    holds: String(bodyOf(held)['hold_id']),
    entries: await idIn('entries', 'seq'),
    lots: await idIn('lots', 'number'),
    customers: owner.workspace_id,
    operations: 'image.generate',
  };
}

/** A path with the ids of Bea's things, by the word before each. */
function beasPath(path: string): string {
  return path.replaceAll(/(\w+)\/:\w+/g, (_, word: string) => {
    const id = beas[word];
    if (id === undefined) throw new Error(`say which of Bea's things ${path} is about`);
    return `${word}/${id}`;
  });
}

/** All rows of Bea's workspace, as the database has them. */
async function rowsOf({ workspace_id }: Customer): Promise<Record<string, unknown>> {
  const { tenant } = await tablesIn(program.database);
  const found: Record<string, unknown> = {};
  for (const { name, owner } of tenant) {
    const [row] = await program.database.query<{ all: string }>(
      `select md5(string_agg(t::text, '' order by t::text)) as all from ${name} t where ${owner} = $1`,
      [workspace_id],
    );
    found[name] = row?.all;
  }
  return found;
}

describe('L13: somebody else asks for what is Bea’s, with the ids of what she has,', () => {
  test('which she herself is shown', async () => {
    for (const [method, path] of WORKSPACE_ROUTES) {
      if (method !== 'get' || !path.includes(':')) continue;
      const answer = await bea.browser.get(`/w/${bea.slug}${beasPath(path)}`);
      // No transfer by bank was ordered, so there is no pro forma invoice of it.
      const none = /pro-forma|stripe-receipt/.test(path);
      if (!none) expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  test('by every page and form: in her workspace, in the own one, and by a customer’s link', async () => {
    const before = await rowsOf(bea);
    for (const [method, path] of WORKSPACE_ROUTES) {
      for (const base of [`/w/${bea.slug}`, `/w/${eve_slug}`, visit, `/c/${bea.workspace_id}`]) {
        const mayBeOwn = base === `/w/${eve_slug}` || base === visit;
        if (mayBeOwn && !path.includes(':') && method === 'post') continue;
        const url = `${base}${beasPath(path)}`;
        const asked = method === 'get' ? eve.get(url) : eve.post(url).type('form').send({});
        const { status, text } = await asked;
        if (!mayBeOwn || path.includes(':')) {
          expect(status, `${method} ${url}`).toBeGreaterThanOrEqual(401);
          expect([401, 403, 404], `${method} ${url}`).toContain(status);
        }
        expect(text, `${method} ${url}`).not.toContain(MARK);
      }
    }
    expect(await rowsOf(bea)).toEqual(before);
  });

  test('by every endpoint, with the key of the own workspace', async () => {
    const before = await rowsOf(bea);
    const about = [{}, { workspace: bea.slug }, { customer: bea.workspace_id }];
    for (const { method, path, example } of ENDPOINTS) {
      for (const whose of about) {
        const named = { ...(example as object), entry: Number(beas['entries']), ...whose };
        const url = `/api/v1${beasPath(path)}`;
        const asking = request(program.url);
        const asked =
          method === 'GET' ? asking.get(url).query(whose) : asking.post(url).send(named);
        const { status, text } = await asked
          .set('Authorization', `Bearer ${eve_key}`)
          .set('Idempotency-Key', randomUUID());
        const isHers = path.includes(':') || Object.keys(whose).length > 0;
        const name = `${method} ${path} ${JSON.stringify(whose)}`;
        expect(status, name).toBeLessThan(500);
        if (isHers && !path.startsWith('/operations')) {
          expect(status, name).toBeGreaterThanOrEqual(400);
        }
        expect(text, name).not.toContain(MARK);
        expect(text, name).not.toContain(bea.wallet_id);
      }
    }
    expect(await rowsOf(bea)).toEqual(before);
  });

  test('by every endpoint for people, naming her workspace', async () => {
    const before = await rowsOf(bea);
    for (const { method, path } of SIGNED_IN_ENDPOINTS) {
      // Who is signed in, whatever else is named.
      const ofPerson = /profile$|grant$/.test(path);
      const { status, text } = await eve[method](`${path}?workspace=${bea.slug}`).send({});
      if (!ofPerson) expect([path, status]).toEqual([path, 404]);
      expect(text, path).not.toContain(MARK);
    }
    expect(await rowsOf(bea)).toEqual(before);
  });
});
