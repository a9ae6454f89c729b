import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StaffAskOutcome, askAsStaff } from '../../src/billing/staff-requests.ts';
import type { StaffRole } from '../../src/core/staff-functions.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { type Browser, type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { order, payHeld, deliver, only } from '../support/purchases.ts';
import { staffMember } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const CREDIT = 1_000_000n;

const staff = (role: StaffRole) => staffMember(program, role);

/** A grant, or what is taken away, as the page of a customer asks for it. */
function adjust(
  customer: Customer,
  staff_id: string,
  credits: bigint,
  nonce: string = randomUUID(),
): Promise<StaffAskOutcome> {
  const { workspace_id, wallet_id } = customer;
  const about = { workspace_id, wallet_id };
  const wish =
    credits < 0n
      ? ({ kind: 'deduct', ...about, amount_micro: -credits * CREDIT } as const)
      : ({ kind: 'grant', ...about, amount_micro: credits * CREDIT, expires_at: null } as const);
  return inWorkspace(program.database.connections.app, workspace_id, (trx) =>
    askAsStaff(trx, { wish, reason: 'Ticket 5120', nonce, staff_id, origin: {} }),
  );
}

const idOf = (outcome: StaffAskOutcome): string =>
  'request_id' in outcome ? outcome.request_id : '';

const decide = (browser: Browser, id: string, decision: string, form: object = {}) =>
  browser.post(`/admin/approvals/${id}/${decision}`).type('form').send(form);

describe('small grants of support', () => {
  test('are carried out at once up to the limit of a day, and wait above it', async () => {
    const ada = await program.signUp();
    const mara = await staff('support');
    const before = await ada.available();
    expect(await adjust(ada, mara.id, 60n)).toMatchObject({ outcome: 'done' });
    expect(await ada.available()).toBe(before + 60n * CREDIT);
    const waits = await adjust(ada, mara.id, 41n);
    expect(waits).toMatchObject({ outcome: 'waits' });
    expect(await adjust(ada, mara.id, 40n)).toMatchObject({ outcome: 'done' });
    expect(await ada.available()).toBe(before + 100n * CREDIT);
    expect((await decide(mara.browser, idOf(waits), 'approve')).status).toBe(403);
  });

  test('thirty at once do not go above the limit', async () => {
    const ada = await program.signUp();
    const mara = await staff('support');
    const before = await ada.available();
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => adjust(ada, mara.id, 10n)));
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(10);
    expect(await ada.available()).toBe(before + 100n * CREDIT);
  });

  test('the same form sent twice is one grant', async () => {
    const ada = await program.signUp();
    const mara = await staff('support');
    const before = await ada.available();
    const nonce = randomUUID();
    const outcomes = await Promise.all([1, 2, 3].map(() => adjust(ada, mara.id, 10n, nonce)));
    expect(new Set(outcomes.map(idOf)).size).toBe(1);
    expect(await ada.available()).toBe(before + 10n * CREDIT);
  });

  test('support takes nothing away', async () => {
    const ada = await program.signUp();
    const mara = await staff('support');
    await expect(adjust(ada, mara.id, -1n)).rejects.toThrow('Your role does not allow this');
  });
});

describe('a second approval', () => {
  test('is given by another admin, once, and the credits come once', async () => {
    const ada = await program.signUp();
    const [asks, approves, other] = [
      await staff('admin'),
      await staff('admin'),
      await staff('admin'),
    ];
    const before = await ada.available();
    const waits = await adjust(ada, asks.id, 20_000n);
    expect(waits.outcome).toBe('waits');
    expect(await ada.available()).toBe(before);
    const own = await decide(asks.browser, idOf(waits), 'approve');
    expect([own.status, own.text.includes('You asked for this yourself')]).toEqual([422, true]);
    const page = await approves.browser.get(`/admin/approvals/${idOf(waits)}`).expect(200);
    expect(page.text).toContain('20,050.00');
    const answers = await Promise.all([
      decide(approves.browser, idOf(waits), 'approve'),
      decide(other.browser, idOf(waits), 'approve'),
      decide(approves.browser, idOf(waits), 'approve'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422]);
    expect(await ada.available()).toBe(before + 20_000n * CREDIT);
    const events = await program.database.query<{ action: string; before: unknown }>(
      `select action, before from audit_events where workspace_id = $1 and (action like 'staff_request%'
        or action like 'wallet.%') order by id`,
      [ada.workspace_id],
    );
    expect(events.map(({ action }) => action)).toEqual([
      'staff_request.made',
      'wallet.credits_granted',
      'staff_request.approved',
    ]);
    expect(events[1]?.before).toEqual({ balance_micro: String(before) });
  });

  test('is refused with a reason, and withdrawn by whoever asked', async () => {
    const ada = await program.signUp();
    const [asks, refuses] = [await staff('admin'), await staff('super_admin')];
    const before = await ada.available();
    const first = idOf(await adjust(ada, asks.id, 20_000n));
    expect((await decide(refuses.browser, first, 'refuse')).status).toBe(422);
    await decide(refuses.browser, first, 'refuse', { reason: 'Too much' }).expect(303);
    const over = await asks.browser.get('/admin/approvals?show=over').expect(200);
    expect(over.text).toContain('Refused');
    const second = idOf(await adjust(ada, asks.id, 20_000n));
    expect((await decide(refuses.browser, second, 'withdraw')).status).toBe(422);
    await decide(asks.browser, second, 'withdraw').expect(303);
    for (const id of [first, second]) {
      expect((await decide(refuses.browser, id, 'approve')).status).toBe(422);
    }
    expect(await ada.available()).toBe(before);
  });

  test('comes too late after a week, and for what whoever asked may not ask for any more', async () => {
    const ada = await program.signUp();
    const [asks, approves] = [await staff('admin'), await staff('admin')];
    const late = idOf(await adjust(ada, asks.id, 20_000n));
    await program.database.query(
      "update staff_requests set expires_at = now() - interval '1 second' where id = $1",
      [late],
    );
    expect((await decide(approves.browser, late, 'approve')).text).toContain('waited for too long');
    const left = idOf(await adjust(ada, asks.id, 20_000n));
    await program.database.query('update people set staff_role = null where id = $1', [asks.id]);
    expect((await decide(approves.browser, left, 'approve')).text).toContain(
      'may not ask for it any more',
    );
  });

  test('of a deduction for which there is too little by then leaves it waiting', async () => {
    const ada = await program.signUp();
    const [asks, approves] = [await staff('admin'), await staff('admin')];
    expect(await adjust(ada, asks.id, -51n)).toMatchObject({
      outcome: 'refused',
      sentence: 'There are 50.00 credits to take away, not 51.00.',
    });
    const waits = idOf(await adjust(ada, asks.id, -20_000n));
    const tried = await decide(approves.browser, waits, 'approve');
    expect([tried.status, tried.text.includes('not 20,000.00')]).toEqual([422, true]);
    await approves.browser
      .get('/admin/approvals')
      .expect(200)
      .expect(/20,000 credits/);
  });

  test('a refund above the set amount goes back once somebody else has approved it', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada, 'professional');
    await deliver(program, only(await payHeld(program, purchase), 'checkout.session.completed'));
    await program.database.query(`update staff_limits set money = '{"USD": "1000"}'`);
    const [asks, approves] = [await staff('finance'), await staff('finance')];
    const path = `/admin/payments/${purchase.payment_id}`;
    const refund = (how: string, amount = '') =>
      asks.browser
        .post(`${path}/refund`)
        .type('form')
        .send({ how, amount, reason: 'Ticket 5107', nonce: randomUUID() });
    const small = await refund('part', '10');
    expect(small.headers['location']).toBe(path);
    const large = await refund('rest');
    const request = String(large.headers['location']);
    expect(request).toContain('/admin/approvals/');
    const refunded = async () => {
      const [row] = await program.database.query<{ minor: string }>(
        'select refunded_minor as minor from payments where id = $1',
        [purchase.payment_id],
      );
      return row?.minor;
    };
    expect(await refunded()).toBe('1000');
    await asks.browser.get(path).expect(/waits for approval/);
    await decide(approves.browser, request.split('/').at(-1) ?? '', 'approve').expect(303);
    expect(await refunded()).toBe('4500');
  });
});
