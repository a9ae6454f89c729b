import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { send } from './listening.ts';

let program: TestProgram;
let receiver: Receiver;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const pageOf = ({ slug }: Customer, path = ''): string => `/w/${slug}/webhooks${path}`;

function post(customer: Customer, path: string, fields: string | Record<string, string> = {}) {
  return customer.browser.post(pageOf(customer, path)).type('form').send(fields);
}

/** Adds an endpoint as somebody does in the page. */
async function added(customer: Customer, url = receiver.url) {
  const fields = { url, mode: 'live', events: 'balance.exhausted' };
  const answer = await post(customer, '', fields).expect(200);
  const secret = /whsec_[\w+/=]+/.exec(answer.text)?.[0] ?? '';
  const id = /webhooks\/([0-9a-f-]{36})/.exec(answer.text)?.[1] ?? '';
  expect([secret, id]).not.toContain('');
  return { id, secret };
}

describe('the page of webhooks', () => {
  test('adds an endpoint, and shows its secret once and never again', async () => {
    const ada = await program.signUp();
    const empty = await ada.browser.get(pageOf(ada)).expect(200);
    expect(empty.text).toContain('No endpoints yet');
    const { id, secret } = await added(ada);
    for (const path of ['', `/${id}`]) {
      const page = await ada.browser.get(pageOf(ada, path)).expect(200);
      expect(page.text).toContain(receiver.url);
      expect(page.text).not.toContain(secret);
    }
    const events = await program.database.query(
      'select action from audit_events where subject_id = $1',
      [id],
    );
    expect(events).toEqual([{ action: 'webhook_endpoint.added' }]);
  });

  test('comes back with what was entered when it cannot be used', async () => {
    const ada = await program.signUp();
    await added(ada);
    const twice = await post(ada, '', { url: receiver.url, mode: 'live', events: 'hold.expired' });
    expect([twice.status, twice.text]).toMatchObject([
      422,
      expect.stringContaining('There is an endpoint with this address already') as string,
    ]);
    const bad = await post(ada, '', 'url=nowhere&mode=live&events=hold.expired&events=gossip');
    expect(bad.status).toBe(422);
    expect(bad.text).toContain('value="nowhere"');
    expect(bad.text).toContain('Give a whole address');
    await post(ada, '', { url: 'https://example.com/', mode: 'live' }).expect(422);
    await post(ada, '/mark', { mark: 'a few' }).expect(422);
  });

  test('keeps the mark below which the balance is low, or takes it away', async () => {
    const ada = await program.signUp();
    const kept = () =>
      program.database.query(
        'select distinct alert_below, alert_above from wallets where workspace_id = $1',
        [ada.workspace_id],
      );
    await post(ada, '/mark', { mark: '12.5' }).expect(303);
    expect(await kept()).toEqual([{ alert_below: '12500000', alert_above: '12500000' }]);
    expect((await ada.browser.get(pageOf(ada))).text).toContain('value="12.5"');
    await post(ada, '/mark', { mark: '' }).expect(303);
    expect(await kept()).toEqual([{ alert_below: null, alert_above: null }]);
  });

  test('sends a test event, shows what was sent and answered, and sends it again', async () => {
    const ada = await program.signUp();
    const { id } = await added(ada);
    receiver.answerWith((res) => res.writeHead(200).end('<thanks>'));
    const asked = await post(ada, `/${id}/test`).expect(303);
    const delivery = String(asked.headers['location']);
    expect((await ada.browser.get(delivery)).text).toContain('Waiting');
    await send(program.database);
    const page = await ada.browser.get(delivery).expect(200);
    expect(page.text).toContain('Delivered');
    expect(page.text).toContain('Answered 200');
    expect(page.text).toContain('&lt;thanks&gt;');
    await ada.browser.post(`${delivery}/redeliver`).expect(303);
    await send(program.database);
    expect(receiver.types()).toEqual(['webhook.test', 'webhook.test']);
    expect((await ada.browser.get(pageOf(ada, `/${id}`))).text).toContain('webhook.test');
  });

  test('pauses, resumes and removes an endpoint, and makes it a new secret', async () => {
    const ada = await program.signUp();
    const { id, secret } = await added(ada);
    await post(ada, `/${id}/pause`).expect(303);
    await post(ada, `/${id}/test`).expect(303);
    await send(program.database);
    expect(receiver.received).toEqual([]);
    expect((await ada.browser.get(pageOf(ada, `/${id}`))).text).toContain('It is paused.');
    await post(ada, `/${id}/resume`).expect(303);
    await send(program.database);
    expect(receiver.types()).toEqual(['webhook.test']);
    const rolled = await post(ada, `/${id}/secret`).expect(200);
    expect(rolled.text).toMatch(/whsec_/);
    expect(rolled.text).not.toContain(secret);
    await post(ada, `/${id}/remove`).expect(303);
    await ada.browser.get(pageOf(ada, `/${id}`)).expect(404);
  });

  test("answers for another workspace's endpoint as for none", async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const { id } = await added(ada);
    const asked = await post(ada, `/${id}/test`).expect(303);
    const delivery = String(asked.headers['location']).split('/').at(-1) ?? '';
    const theirs = await added(eve);
    for (const one of [id, randomUUID(), 'nonsense']) {
      await eve.browser.get(pageOf(eve, `/${one}`)).expect(404);
      await eve.browser.get(pageOf(ada, `/${one}`)).expect(404);
      for (const what of ['pause', 'resume', 'remove', 'secret', 'test']) {
        await post(eve, `/${one}/${what}`).expect(404);
      }
    }
    await eve.browser.get(pageOf(eve, `/${theirs.id}/deliveries/${delivery}`)).expect(404);
    await post(eve, `/${theirs.id}/deliveries/${delivery}/redeliver`).expect(404);
    expect((await ada.browser.get(pageOf(ada, `/${id}`))).text).toContain('On');
  });

  test('is for owners and admins, and refused to members', async () => {
    const [ada, bob] = [await program.signUp(), await program.signUp('Bob')];
    const { id } = await added(ada);
    await program.database.query(
      `insert into memberships (workspace_id, person_id, role)
       select $1, person_id, 'member' from memberships where workspace_id = $2`,
      [ada.workspace_id, bob.workspace_id],
    );
    for (const path of ['', `/${id}`]) await bob.browser.get(pageOf(ada, path)).expect(403);
    for (const path of ['', '/mark', `/${id}/secret`, `/${id}/remove`]) {
      await bob.browser.post(pageOf(ada, path)).type('form').send({}).expect(403);
    }
    await program.database.query(
      `update memberships set role = 'admin' where workspace_id = $1 and role = 'member'`,
      [ada.workspace_id],
    );
    await bob.browser.get(pageOf(ada, `/${id}`)).expect(200);
  });
});
