import { randomBytes, randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CustomerLinks } from '../../src/workspaces/customer-links.ts';
import { type TestCustomer, bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { control } from '../support/purchases.ts';
import { type Browser, type TestProgram, hiddenField, testProgram } from '../support/program.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram();
  service = await newKey(program);
});
afterAll(() => program.stop());

async function linkFor(customer: TestCustomer, more: object = {}): Promise<string> {
  const path = `/customers/${customer.external_id}/links`;
  const answer = await send(program, service, path, more).expect(201);
  return String(bodyOf(answer)['url']).slice(program.url.length);
}

/** A browser in which a customer has opened a link. */
async function visitOf(customer: TestCustomer): Promise<Browser> {
  const browser = program.browser();
  await browser.get(await linkFor(customer)).expect(303);
  return browser;
}

const cookieOf = (answer: Response): string => String(answer.headers['set-cookie']);

describe('a link for a customer', () => {
  test('opens the page that it is for and leaves the address, and is told to nobody', async () => {
    const ada = await newCustomer(program, 10n);
    for (const [page, path] of [
      ['overview', ''],
      ['history', '/history'],
      ['buy', '/buy'],
    ]) {
      const answer = await program
        .browser()
        .get(await linkFor(ada, { page }))
        .expect(303);
      expect(answer.headers['location']).toBe(`/c/${ada.workspace_id}${path}`);
      expect(answer.headers['referrer-policy']).toBe('no-referrer');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(cookieOf(answer)).toMatch(
        /^customer=.*Max-Age=3600; Path=\/;.*HttpOnly; SameSite=Lax/,
      );
    }
  });

  test('altered by one character anywhere it opens nothing and says so', async () => {
    const ada = await newCustomer(program, 10n);
    const link = await linkFor(ada);
    for (let index = '/c?link='.length; index < link.length; index++) {
      const other = link[index] === 'a' ? 'b' : 'a';
      const altered = `${link.slice(0, index)}${other}${link.slice(index + 1)}`;
      const answer = await program.browser().get(altered);
      expect([answer.status, index]).toEqual([403, index]);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    for (const link of ['/c', '/c?link=', '/c?link=a&link=b', '/c?link[a]=b']) {
      const answer = await program.browser().get(link).expect(403);
      expect(answer.text).toContain('This link is not whole');
      expect(answer.text).toContain('For another link');
    }
  });

  test('signed with another secret it opens nothing', async () => {
    const ada = await newCustomer(program, 10n);
    const links = new CustomerLinks(program.url, [randomBytes(32).toString('hex')]);
    const { url } = links.urlFor(ada.workspace_id, 'overview', 60);
    await program.browser().get(url.slice(program.url.length)).expect(403);
  });

  test('when it has expired a page says so, and how to get another', async () => {
    const ada = await newCustomer(program, 10n);
    const link = await linkFor(ada, { ttl_seconds: 60 });
    const [, id] = /link=([^.]+)/.exec(link) ?? [];
    expect(id).toBe(ada.workspace_id);
    const links = new CustomerLinks(program.url, program.sessionSecrets);
    const { url } = links.urlFor(ada.workspace_id, 'overview', 0);
    const answer = await program.browser().get(url.slice(program.url.length)).expect(410);
    expect(answer.text).toContain('This link has expired');
    expect(answer.text).toContain('For another link');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('a link is no visit, and a visit no link', async () => {
    const ada = await newCustomer(program, 10n);
    const link = await linkFor(ada);
    const token = link.slice('/c?link='.length);
    await program
      .browser()
      .get(`/c/${ada.workspace_id}`)
      .set('Cookie', `customer=${token}`)
      .expect(401);
    const opened = await program.browser().get(link).expect(303);
    const visit = /customer=([^;]+)/.exec(cookieOf(opened))?.[1] ?? '';
    await program.browser().get(`/c?link=${visit}`).expect(403);
  });

  test.each([
    ['page', { page: 'use' }],
    ['ttl_seconds', { ttl_seconds: 59 }],
    ['ttl_seconds', { ttl_seconds: 86_401 }],
    ['ttl_seconds', { ttl_seconds: '60' }],
    ['customer', { customer: 'another' }],
  ])('is not made of a wrong %s: %j', async (field, wrong) => {
    const ada = await newCustomer(program, 0n);
    const path = `/customers/${ada.external_id}/links`;
    const answer = await send(program, service, path, wrong).expect(400);
    expect(bodyOf(answer).errors?.[0]?.field).toBe(field);
  });

  test('is not made with a key for tests: its pages show the live wallet', async () => {
    const ada = await newCustomer(program, 0n);
    const forTests = await newKey(program, { livemode: false });
    const answer = await send(program, forTests, `/customers/${ada.external_id}/links`, {});
    expect([answer.status, bodyOf(answer).code]).toEqual([403, 'live_key_needed']);
  });
});

describe('the pages of a customer', () => {
  test('show balance, lots, history and each entry, without use and without a way to sign in', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    await send(program, service, '/debits', order).expect(201);
    const browser = await visitOf(ada);
    const base = `/c/${ada.workspace_id}`;
    const overview = await browser.get(base).expect(200);
    expect(overview.text).toContain('What you have');
    expect(overview.text).toContain(`href="${base}/buy"`);
    expect(overview.text).toContain('noindex');
    const { browser: member, slug } = await program.signUp();
    expect((await member.get(`/w/${slug}`).expect(200)).text).not.toContain('noindex');
    for (const word of [`${base}/use`, `${base}/keys`, '/sign-in', '/w/', 'Getting started']) {
      expect(overview.text).not.toContain(word);
    }
    const history = await browser.get(`${base}/history`).expect(200);
    expect(history.text).toContain(`href="${base}/history/2"`);
    const entry = await browser.get(`${base}/history/2`).expect(200);
    expect(entry.text).toContain('Which credits paid');
    expect(entry.text).toContain(`href="${base}/history/1"`);
    const wrong = { customer: ada.external_id, quantity: '2' };
    await send(program, service, '/entries/2/correct', wrong).expect(201);
    const given = await browser.get(`${base}/history/3`).expect(200);
    for (const other of [2, 4]) expect(given.text).toContain(`href="${base}/history/${other}"`);
    await browser.get(`${base}/use`).expect(404);
    await browser.post(`${base}/use`).type('form').send({}).expect(404);
  });

  test('of somebody else, and of a workspace with members, answer like none', async () => {
    const ada = await newCustomer(program, 10n);
    const eve = await newCustomer(program, 0n);
    const member = await program.signUp();
    const browser = await visitOf(eve);
    const ids = [ada.workspace_id, member.workspace_id, member.slug, randomUUID(), 'nobody'];
    for (const id of ids) {
      for (const path of ['', '/history', '/history/1', '/buy', `/payments/${randomUUID()}`]) {
        await browser.get(`/c/${id}${path}`).expect(404);
      }
      await browser.post(`/c/${id}/buy`).type('form').send({ package: 'starter' }).expect(404);
    }
    const asMember = await browser.get(`/w/${eve.workspace_id}`).expect(303);
    expect(asMember.headers['location']).toContain('/sign-in');
  });

  test('say how to open them where no link was opened, or the visit is altered or over', async () => {
    const ada = await newCustomer(program, 10n);
    const page = `/c/${ada.workspace_id}`;
    const absent = await program.browser().get(page).expect(401);
    expect(absent.text).toContain('For another link');
    const links = new CustomerLinks(program.url, program.sessionSecrets);
    const over = `customer=${links.visitFor(ada.workspace_id, 0)}`;
    await program.browser().get(page).set('Cookie', over).expect(410);
    const altered = `customer=${links.visitFor(ada.workspace_id, 60).replace(/.$/, '.')}`;
    await program.browser().get(page).set('Cookie', altered).expect(401);
  });

  test('are closed when the customer says so, and when the customer is deactivated', async () => {
    const ada = await newCustomer(program, 10n);
    const page = `/c/${ada.workspace_id}`;
    const browser = await visitOf(ada);
    await browser.post(`${page}/leave`).expect(200);
    await browser.get(page).expect(401);
    const other = await visitOf(ada);
    const link = await linkFor(ada);
    await program.database.query('update workspaces set deactivated_at = now() where id = $1', [
      ada.workspace_id,
    ]);
    await other.get(page).expect(404);
    await program.browser().get(link).expect(404);
  });

  test('sell a package, once however often the form is sent, and take nothing from another site', async () => {
    const ada = await newCustomer(program, 0n);
    await send(program, service, '/customers', {
      ...{ customer: ada.external_id, email: 'ada@example.com' },
    }).expect(200);
    const browser = await visitOf(ada);
    const base = `/c/${ada.workspace_id}`;
    const page = await browser.get(`${base}/buy`).expect(200);
    const form = { package: 'starter', nonce: hiddenField(page.text, 'nonce') };
    const foreign = browser.post(`${base}/buy`).set('Origin', 'https://evil.example');
    await foreign.type('form').send(form).expect(403);
    const first = await browser.post(`${base}/buy`).type('form').send(form).expect(303);
    const second = await browser.post(`${base}/buy`).type('form').send(form).expect(303);
    expect(second.headers['location']).toBe(first.headers['location']);
    const payments = await program.database.query<Record<'id' | 'session' | 'person_id', string>>(
      'select id, person_id, checkout_session_id as session from payments where workspace_id = $1',
      [ada.workspace_id],
    );
    const [payment] = payments;
    expect(payments).toEqual([{ ...payment, person_id: null }]);
    const paymentPage = `${base}/payments/${payment?.id ?? ''}`;
    const waiting = await browser.get(paymentPage).expect(200);
    expect(waiting.text).toContain('Waiting for Stripe');
    await control(program, `/sessions/${payment?.session ?? ''}/pay`, {});
    await expect.poll(() => ada.stored(), { timeout: 10_000 }).toEqual([100, 0, 0]);
    const arrived = await browser.get(paymentPage).expect(200);
    expect(arrived.text).toContain('Your credits have arrived');
    expect(arrived.text).not.toContain(`${base}/use`);
    const [event] = await program.database.query(
      `select actor_kind, actor_id from audit_events
       where workspace_id = $1 and action = 'payment.ordered'`,
      [ada.workspace_id],
    );
    expect(event).toEqual({ actor_kind: 'customer', actor_id: ada.workspace_id });
  });

  test('in the browser of a member who is signed in they are the customer’s, not the member’s', async () => {
    const ada = await newCustomer(program, 10n);
    const member = await program.signUp('Grace Hopper');
    await member.browser.get(await linkFor(ada)).expect(303);
    const page = await member.browser.get(`/c/${ada.workspace_id}`).expect(200);
    expect(page.text).not.toContain('Grace Hopper');
    await member.browser.get(`/w/${member.slug}`).expect(200);
  });
});
