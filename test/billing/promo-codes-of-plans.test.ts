import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findIntents } from '../../src/billing/subscriptions/invoice-intents.ts';
import { checkTrials } from '../../src/billing/subscriptions/trials.ts';
import type { PlanPrice } from '../../src/billing/plans.ts';
import type { NewPromoCode } from '../../src/billing/promo-codes.ts';
import { press } from '../support/forms.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { lotsOfPlan, newCode, redeem, usesOfCode } from '../support/promo-codes.ts';
import { control } from '../support/purchases.ts';
import { spendCredits } from '../support/reversals.ts';
import {
  advanceHeld,
  begunAt,
  deliverAll,
  heldBy,
  newPlan,
  payHeld,
  sendPlanForm,
  subscriptionOf,
  workingProvider,
} from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

const WELCOME = 50n * CREDIT;
const MONTH = 100n * CREDIT;
const ONE_OF_THIRTY = [303, ...Array.from({ length: 29 }, () => 422)];
const BONUS = 30n * CREDIT;
let names = 0;

/** A plan of 100 credits for $28.00 a month whose button is known by its name. */
async function plan(more: Parameters<typeof newPlan>[2] = {}) {
  return newPlan(program, 2_800n, { name: `Crew ${++names}`, ...more });
}

const bonus = (terms: Partial<NewPromoCode> = {}) =>
  newCode(program, { kind: 'plan', credits: BONUS, ...terms });

const pageOf = ({ slug }: Customer) => `/w/${slug}/plans`;

/** Subscribes by the plan's own button, with what is typed as a code. */
function begin(customer: Customer, { name, trial_days }: PlanPrice, promo: string) {
  const words = `${trial_days > 0 ? 'Try it' : 'Subscribe'} ${name}`;
  return press(customer.browser, pageOf(customer), words, { promo });
}

describe('a code of plans', () => {
  test('adds a lot to the first paid invoice, told twice, and nothing to the next', async () => {
    const { month } = await plan();
    const ada = await program.signUp();
    const code = await bonus({ plans: [month.code], expires_after_days: 20 });
    const looked = await press(ada.browser, pageOf(ada), 'Apply', { promo: code.toLowerCase() });
    expect(looked.text).toContain('The code adds 30 credits with the first payment.');
    expect(looked.text).toContain(`/plans?period=year&amp;promo=${code}`);
    const yearly = await ada.browser.get(`${pageOf(ada)}?period=year&promo=${code}`).expect(200);
    expect(yearly.text).toContain(`name="promo" value="${code}"`);
    const begun = await begunAt(program, await begin(ada, month, code));
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
    const events = await payHeld(program, begun);
    expect(await ada.available()).toBe(WELCOME);
    await deliverAll(program, [...events, ...events].reverse());
    await deliverAll(program, [...events, ...(await advanceHeld(program, 32))], 'twice');
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0', 'promo 30 0', 'plan 100 0']);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['redeemed'] });
    const [sold] = await program.database.query<{ id: string; lines: string }>(
      `select p.id, i.lines::text from payments p join invoices i on i.payment_id = p.id
       where p.subscription_id = $1 and p.catalogue ? 'promo'`,
      [begun.id],
    );
    expect(sold?.lines).toContain(`Code ${code}`);
    const page = await ada.browser.get(`/w/${ada.slug}/payments/${sold?.id}`).expect(200);
    expect(page.text).toContain(`Code ${code}`);
  });

  test('as a percentage is of the first period, and of a year that is the whole year', async () => {
    const { year } = await plan();
    const ada = await program.signUp();
    const code = await bonus({ credits: null, percent: 15 });
    const path = `${pageOf(ada)}?period=year`;
    const answer = await press(ada.browser, path, `Subscribe ${year.name}`, { promo: code });
    const begun = await begunAt(program, answer);
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 1200 0', 'promo 180 0']);
  });

  test('for an unlimited plan is credits of its own', async () => {
    const { month } = await plan({ credits_micro: null });
    const ada = await program.signUp();
    const begun = await begunAt(program, await begin(ada, month, await bonus()));
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['promo 30 0']);
  });

  test('attack 28: good once in all and tried at once by 30 people, it is held once', async () => {
    const { month } = await plan();
    const code = await bonus({ total_limit: 1 });
    const crowd = await Promise.all(Array.from({ length: 30 }, () => program.signUp()));
    const answers = await Promise.all(crowd.map((person) => begin(person, month, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual(ONE_OF_THIRTY);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
    const refused = answers.find(({ status }) => status === 422);
    expect(refused?.text).toContain('as often as it was to be');
    const [led] = answers.filter(({ status }) => status === 303);
    if (led === undefined) throw new Error('nobody subscribed');
    const begun = await begunAt(program, led);
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0', 'promo 30 0']);
  });

  test('attack 28: sent 30 times at once by one person, it is one subscription and one place', async () => {
    const { month } = await plan();
    const ada = await program.signUp();
    const code = await bonus({ person_limit: 1 });
    const form = { price: month.id, promo: code, nonce: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => sendPlanForm(ada, '', form)),
    );
    const led = answers.filter(({ status }) => status === 303);
    // Tries are counted before they are made, so some of the crowd are told to wait.
    expect(answers.filter(({ status }) => status !== 303 && status !== 429)).toEqual([]);
    expect(new Set(led.map(({ headers }) => headers['location'])).size).toBe(1);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
  });

  test('counts for a person in all workspaces, and once for good', async () => {
    const { month } = await plan();
    const ada = await program.signUp();
    const code = await bonus();
    const begun = await begunAt(program, await begin(ada, month, code));
    await deliverAll(program, await payHeld(program, begun));
    const { stripe_subscription_id: stripeId } = await subscriptionOf(program, begun.id);
    const { stripe } = workingProvider(program);
    await deliverAll(
      program,
      await heldBy(program, () => stripe.subscriptions.cancel(stripeId ?? '')),
    );
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['redeemed'] });
    const again = await begin(ada, month, code);
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('used')]);
  });
});

describe('a place of a code of plans', () => {
  test('is given back when the payment page expires, and found again when it was left', async () => {
    const { month } = await plan();
    const ada = await program.signUp();
    const code = await bonus({ total_limit: 1 });
    const begun = await begunAt(program, await begin(ada, month, code));
    const left = await ada.browser.get(`${pageOf(ada)}?left=1`).expect(200);
    expect(left.text).toContain(`value="${code}"`);
    const looked = await press(ada.browser, pageOf(ada), 'Apply', { promo: code });
    expect(looked.status).toBe(200);
    expect(await begunAt(program, await begin(ada, month, code))).toEqual(begun);
    const { stripe } = workingProvider(program);
    await deliverAll(
      program,
      await heldBy(program, () => stripe.checkout.sessions.expire(begun.session_id)),
    );
    expect(await usesOfCode(program, code)).toEqual({ taken: 0, states: ['given_back'] });
    await begunAt(program, await begin(await program.signUp(), month, code));
  });

  test('goes with the plan that is chosen instead, or without the code', async () => {
    const [one, other] = [await plan(), await plan()];
    const ada = await program.signUp();
    const code = await bonus();
    await begunAt(program, await begin(ada, one.month, code));
    await begunAt(program, await begin(ada, other.month, code));
    expect(await usesOfCode(program, code)).toEqual({
      taken: 1,
      states: ['given_back', 'reserved'],
    });
    const begun = await begunAt(program, await begin(ada, other.month, ''));
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0']);
    expect((await usesOfCode(program, code)).taken).toBe(0);
  });

  test('is kept while the card is declined, and paid with another one', async () => {
    const { month } = await plan();
    const ada = await program.signUp();
    const code = await bonus();
    const begun = await begunAt(program, await begin(ada, month, code));
    const declined = await payHeld(program, begun, 'pm_card_chargeDeclined');
    await deliverAll(program, declined);
    expect(await ada.available()).toBe(WELCOME);
    expect(await usesOfCode(program, code)).toEqual({ taken: 1, states: ['reserved'] });
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0', 'promo 30 0']);
  });

  test('outlives a trial, which gives nothing of it, and is given back when the trial is not paid', async () => {
    const { month } = await plan({ trial_days: 14 });
    for (const [card, isPaid] of [
      ['pm_card_visa', true],
      ['pm_card_mastercard', false],
    ] as const) {
      const ada = await program.signUp();
      const code = await bonus();
      const begun = await begunAt(program, await begin(ada, month, code));
      await deliverAll(program, await payHeld(program, begun, card));
      await checkTrials(program.database.connections, workingProvider(program));
      expect(await ada.available()).toBe(WELCOME + MONTH);
      if (!isPaid) {
        const words = 'Cancel at the end of the trial';
        const cancelled = await heldBy(program, () => press(ada.browser, pageOf(ada), words));
        await deliverAll(program, cancelled);
      }
      await deliverAll(program, await advanceHeld(program, 15));
      expect(await lotsOfPlan(program, begun.id)).toEqual(
        isPaid ? ['plan 100 0', 'promo 30 0'] : [],
      );
      const states = [isPaid ? 'redeemed' : 'given_back'];
      expect(await usesOfCode(program, code)).toEqual({ taken: isPaid ? 1 : 0, states });
    }
  });

  test('money that comes after the end takes a place anew, or none when there is none', async () => {
    const { month } = await plan();
    const code = await bonus({ total_limit: 1 });
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve Moneypenny')];
    const begun = await begunAt(program, await begin(ada, month, code));
    const paid = await payHeld(program, begun);
    await program.database.query(
      `with s as (update subscriptions set status = 'cancelled', ended_at = now() where id = $1 returning id),
         r as (update promo_redemptions set state = 'given_back' from s where subscription_id = s.id)
       update promo_codes set taken = taken - 1 where code = $2`,
      [begun.id, code],
    );
    const other = await begunAt(program, await begin(eve, month, code));
    await deliverAll(program, paid);
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0']);
    await deliverAll(program, await payHeld(program, other));
    expect(await lotsOfPlan(program, other.id)).toEqual(['plan 100 0', 'promo 30 0']);
    expect((await usesOfCode(program, code)).taken).toBe(1);
  });
});

test('a refund of the first invoice takes the plan and what its code added back in the paid ratio', async () => {
  const { month } = await plan();
  const ada = await program.signUp();
  const begun = await begunAt(program, await begin(ada, month, await bonus()));
  await deliverAll(program, await payHeld(program, begun));
  await findIntents(program.database.connections, workingProvider(program));
  const [payment] = await program.database.query<{ intent: string }>(
    'select payment_intent_id as intent from payments where subscription_id = $1',
    [begun.id],
  );
  const giveBack = async (amount: number) => {
    const refund = { payment_intent: payment?.intent, amount, delivery: { hold: true } };
    const events = await heldBy(program, () => control(program, '/refunds', refund));
    await deliverAll(program, [...events, ...events].reverse());
  };
  await giveBack(1_400);
  expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 50', 'promo 30 15']);
  await spendCredits(program, ada, 10n * CREDIT);
  await giveBack(1_400);
  expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 100', 'promo 30 30']);
  const [wallet] = await program.database.query<{ debt: string }>(
    'select debt::text from wallets where id = $1',
    [ada.wallet_id],
  );
  // What was spent came out of the code's lot, which ends first.
  expect([await ada.available(), wallet?.debt]).toEqual([WELCOME, String(10n * CREDIT)]);
});

test('a code that a plan is not begun with is refused at its field, and nothing is begun', async () => {
  const [{ month }, free] = [await plan(), await newPlan(program, 0n, { name: 'Nothing' })];
  const ada = await program.signUp();
  const cases: [string, string][] = [
    ['NOTHING', 'There is no such code'],
    [await bonus({ plans: ['another'] }), 'adds nothing to this plan'],
    [await bonus({ starts_at: new Date(Date.now() + 86_400_000) }), 'is good from'],
    [await newCode(program, { kind: 'purchase' }), 'Enter it where you buy credits'],
    [await newCode(program), 'gives credits without a purchase'],
  ];
  for (const [code, sentence] of cases) {
    const answer = await begin(ada, month, code);
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(sentence)]);
    expect(answer.text).toContain('id="f-promo-error"');
  }
  const code = await bonus();
  const without = await press(ada.browser, pageOf(ada), `Begin ${free.month.name}`, {
    promo: code,
  });
  expect([without.status, without.text]).toEqual([422, expect.stringContaining('adds nothing')]);
  expect((await redeem(ada, code)).text).toContain('Enter it where you choose one');
  const rows = await program.database.query(
    'select id from subscriptions where workspace_id = $1',
    [ada.workspace_id],
  );
  expect(rows).toEqual([]);
});
