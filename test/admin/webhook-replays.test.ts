import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';
import { startReceiver } from '../support/receiver.ts';
import { staffBrowser } from '../support/staff.ts';
import { addedEndpoint, send } from '../webhooks/listening.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

test('an event of Stripe is shown as it came, and taken in again grants nothing twice', async () => {
  const ada = await program.signUp();
  const paid = only(
    await payHeld(program, await order(program, ada)),
    'checkout.session.completed',
  );
  await deliver(program, paid);
  const available = await ada.available();
  const browser = await staffBrowser(program, 'finance');
  const path = `/admin/stripe-events/${paid.id}`;
  expect((await browser.get('/admin/stripe-events?state=done').expect(200)).text).toContain(path);
  expect((await browser.get(path).expect(200)).text).toContain('&quot;type&quot;');
  const twice = await Promise.all([1, 2].map(() => browser.post(`${path}/replay`)));
  expect(twice.map(({ status }) => status)).toEqual([303, 303]);
  expect(await ada.available()).toBe(available);
  const events = await program.database.query(
    `select (select count(*)::int from audit_events where action = 'stripe_event.replayed') as said,
       (select state from stripe_events where id = $1) as state`,
    [paid.id],
  );
  expect(events).toEqual([{ said: 2, state: 'done' }]);
  const support = await staffBrowser(program, 'support');
  await support.post(`${path}/replay`).expect(403);
});

test('messages to all endpoints are seen, and one or all that failed there are sent again', async () => {
  const ada = await program.signUp();
  const receiver = await startReceiver();
  receiver.answerWith((res) => res.writeHead(500).end());
  const { id } = await addedEndpoint(program.database, ada.workspace_id, receiver);
  await deliver(
    program,
    only(await payHeld(program, await order(program, ada)), 'checkout.session.completed'),
  );
  await send(program.database);
  const sent = receiver.received.length;
  expect(sent).toBeGreaterThan(0);
  const browser = await staffBrowser(program, 'finance');
  const list = await browser.get('/admin/deliveries?only=undelivered').expect(200);
  const path = /\/admin\/deliveries\/[0-9a-f-]{36}/.exec(list.text)?.[0] ?? '';
  expect((await browser.get(path).expect(200)).text).toContain('Answered 500');
  receiver.answerWith((res) => res.writeHead(204).end());
  await browser.post(`${path}/replay-failed`).expect(303);
  await send(program.database);
  const [left] = await program.database.query(
    'select count(*)::int as left from webhook_deliveries where endpoint_id = $1 and delivered_at is null',
    [id],
  );
  expect(left).toEqual({ left: 0 });
  await browser.post(`${path}/replay`).expect(303);
  await send(program.database);
  expect(receiver.received.length).toBeGreaterThan(sent + 1);
  await receiver.close();
});

test('R10: the page of health says how database, secrets and jobs are', async () => {
  const browser = await staffBrowser(program, 'support');
  const page = await browser.get('/admin/health').expect(200);
  expect(page.text).toContain('kept apart by roles');
  expect(page.text).toContain('All are encrypted with the newest key.');
});
