import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { askForRefunds } from '../../src/billing/refund-jobs.ts';
import { createLog } from '../../src/lib/log.ts';
import { textOf } from '../support/pages.ts';
import { type Browser, type TestProgram, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';
import { type PaidPurchase, paidPurchase, spendCredits } from '../support/reversals.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
let finance: Browser;
beforeAll(async () => {
  program = await testProgram();
  finance = await staffBrowser(program, 'finance');
});
beforeEach(() => control(program, '/settings', { refunds_pending: false }));
afterAll(() => program.stop());

const WELCOME = 50_000_000n;
const log = createLog('silent');
/** What the job does when it is due. */
const ask = (): Promise<void> => askForRefunds(program.database.connections, program.provider, log);

async function give(purchase: PaidPurchase, fields: object, browser = finance): Promise<number> {
  const form = { how: 'rest', reason: 'Asked for it', nonce: randomUUID(), ...fields };
  const answer = await browser
    .post(`/admin/payments/${purchase.payment_id}/refund`)
    .type('form')
    .send(form);
  return answer.status;
}

const Refunds = z.object({
  data: z.array(z.looseObject({ id: z.string(), amount: z.number(), status: z.string() })),
});
async function atStripe(purchase: PaidPurchase) {
  if (program.provider.mode === 'off') throw new Error('nothing is sold');
  const list = await program.provider.stripe.refunds.list({ payment_intent: purchase.intent });
  return Refunds.parse(list).data;
}

async function refundsOf(purchase: PaidPurchase) {
  return program.database.query<{ status: string; total: string }>(
    `select status, total_minor::text as total from payments where parent_payment_id = $1 order by id`,
    [purchase.payment_id],
  );
}

describe('S3: a refund by the staff', () => {
  test('takes the credits at once, asks Stripe once, and has a credit note when the money went back', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    expect(await give(purchase, { how: 'part', amount: '9.00' })).toBe(303);
    expect(await ada.available()).toBe(WELCOME + 440_000_000n);
    expect(await atStripe(purchase)).toEqual([]);
    await Promise.all([ask(), ask()]);
    await ask();
    expect(await atStripe(purchase)).toMatchObject([{ amount: 900, status: 'succeeded' }]);
    expect(await refundsOf(purchase)).toEqual([{ status: 'completed', total: '900' }]);
    const page = await ada.browser.get(`/w/${ada.slug}/payments/${purchase.payment_id}`);
    expect(textOf(page.text)).toContain('Paid $45.00 Refunded −$9.00');
    expect((await purchase.state()).clawed).toEqual(['100000000', '10000000']);
    const notes = await program.database.query(
      `select i.total_minor::text from invoices i join payments p on p.id = i.payment_id
       where p.parent_payment_id = $1`,
      [purchase.payment_id],
    );
    expect(notes).toEqual([{ total_minor: '900' }]);
    const mails = await program.database.query(
      "select subject from mails where kind = 'payment.refunded' and to_address = $1",
      [ada.email],
    );
    expect(mails).toEqual([{ subject: '$9.00 is on its way back to you' }]);
  });

  test('attack 47: sent twice, and by two people at once, gives the money back once', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    const admin = await staffBrowser(program, 'admin');
    const nonce = randomUUID();
    const answers = await Promise.all([
      give(purchase, { nonce }),
      give(purchase, { nonce }),
      give(purchase, {}, admin),
    ]);
    expect(answers.filter((status) => status === 422).length).toBeLessThanOrEqual(2);
    await ask();
    expect(await atStripe(purchase)).toMatchObject([{ amount: 4500 }]);
    expect((await purchase.state()).status).toBe('refunded');
    expect(await ada.available()).toBe(WELCOME);
  });

  test.each([
    ['its answer is lost', 'lost_answer'],
    ['Stripe fails', 'server_error'],
    ['Stripe asks to slow down', 'rate_limit'],
    ['something else answers with HTML', 'html'],
  ])('attack 47: is made once when %s, and asked for again', async (_name, kind) => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await give(purchase, {});
    // The library tries twice by itself.
    await control(program, '/faults', { kind, times: 2 });
    await ask();
    for (let round = 0; round < 3; round++) {
      await program.database.query(
        "update payments set next_try_at = now() where type = 'refund' and status = 'pending'",
      );
      await ask();
    }
    expect(await atStripe(purchase)).toMatchObject([{ amount: 4500 }]);
    expect(await refundsOf(purchase)).toEqual([{ status: 'completed', total: '4500' }]);
  });

  test('attack 47: that fails at the bank later gives the credits back', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await control(program, '/settings', { refunds_pending: true });
    await give(purchase, {});
    await ask();
    expect(await ada.available()).toBe(WELCOME);
    const [refund] = await atStripe(purchase);
    await control(program, `/refunds/${refund?.id ?? ''}/settle`, { succeeds: false });
    await expect.poll(() => ada.available()).toBe(WELCOME + 550_000_000n);
    expect(await refundsOf(purchase)).toEqual([{ status: 'failed', total: '4500' }]);
    expect((await purchase.state()).status).toBe('completed');
  });

  test('that Stripe refuses gives the credits back, and says why', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await give(purchase, {});
    // Somebody was faster on Stripe's own pages, and nobody has told yet.
    await control(program, '/refunds', {
      payment_intent: purchase.intent,
      amount: 1000,
      delivery: { hold: true },
    });
    await ask();
    expect(await refundsOf(purchase)).toEqual([{ status: 'cancelled', total: '4500' }]);
    expect(await ada.available()).toBe(WELCOME + 550_000_000n);
  });

  test('of what is unspent costs no more credits than are there', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada, 'starter');
    await spendCredits(program, ada, 90_000_000n);
    expect(await give(purchase, { how: 'unspent' })).toBe(303);
    expect(await refundsOf(purchase)).toMatchObject([{ total: '600' }]);
    expect(await ada.available()).toBe(0n);
  });

  test.each([
    ['more than is left', { how: 'part', amount: '45.01' }],
    ['nothing', { how: 'part', amount: '0' }],
    ['less than nothing', { how: 'part', amount: '-5' }],
    ['no amount', { how: 'part', amount: '1e1' }],
    ['no reason', { reason: ' ' }],
  ])('of %s is refused, and nothing is written', async (_name, fields) => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    expect(await give(purchase, fields)).toBe(422);
    expect(await refundsOf(purchase)).toEqual([]);
  });

  test('is not for support, and not for a customer', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    expect(await give(purchase, {}, await staffBrowser(program, 'support'))).toBe(403);
    expect(await give(purchase, {}, ada.browser)).toBe(404);
    expect(await refundsOf(purchase)).toEqual([]);
  });

  test('is refused while a bank disputes the payment', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await control(program, '/disputes', { payment_intent: purchase.intent });
    await expect.poll(() => ada.available()).toBe(WELCOME);
    expect(await give(purchase, {})).toBe(422);
    expect(await refundsOf(purchase)).toEqual([]);
  });
});

test('attack 29: a refund beside debits of the same credits never gives both, money and credits', async () => {
  const ada = await program.signUp();
  const purchase = await paidPurchase(program, ada);
  const spending = Array.from({ length: 6 }, () =>
    spendCredits(program, ada, 100_000_000n).then(
      () => 1n,
      () => 0n,
    ),
  );
  const [status, ...spent] = await Promise.all([give(purchase, {}), ...spending]);
  expect(status).toBe(303);
  const [wallet] = await program.database.query<{ balance: string }>(
    'select (available + held - debt)::text as balance from wallets where id = $1',
    [ada.wallet_id],
  );
  const taken = spent.reduce<bigint>((sum, one) => sum + one, 0n) * 100_000_000n;
  expect(BigInt(wallet?.balance ?? 0)).toBe(WELCOME - taken);
});
