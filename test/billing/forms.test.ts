import { readdirSync, readFileSync } from 'node:fs';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { press, pressIn } from '../support/forms.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { lotsOfPlan, newCode } from '../support/promo-codes.ts';
import { control } from '../support/purchases.ts';
import { staffBrowser } from '../support/staff.ts';
import {
  begunAt,
  deliverAll,
  grantsOf,
  heldBy,
  newPlan,
  payHeld,
  subscriptionOf,
} from '../support/subscriptions.ts';
import { stateOf, topUpNow } from '../support/top-ups.ts';
import { CREDIT } from '../support/wallet-states.ts';

/*
 * Each form is sent by its own button, to where the page says, with what the page has put into its
 * fields: other tests write addresses and fields themselves, and pass with a page that nobody can use.
 */

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ settings: { SELLER_BANK: 'Rate Sheet Ltd|IBAN DE02 1203' } });
  await control(program, '/settings', { hold: true });
});
afterAll(() => program.stop());

/** Views with a form, each with the test below that presses its buttons. */
const TRIED: Readonly<Record<string, string>> = {
  '_auto-top-up-state.eta': 'auto top-up',
  '_current-plan.eta': 'plans',
  '_plan-list.eta': 'plans',
  '_run-out.eta': 'running out',
  '_saved-card.eta': 'auto top-up',
  '_transfer.eta': 'transfers',
  'auto-top-up-consent.eta': 'auto top-up',
  'auto-top-up.eta': 'auto top-up',
  'billing-details.eta': 'billing details',
  'buy.eta': 'buying',
  'redeem.eta': 'codes',
};

test('each view of billing that has a form is pressed here', () => {
  const views = readdirSync('views/billing').filter((name) =>
    readFileSync(`views/billing/${name}`, 'utf8').includes('<form'),
  );
  expect(views.sort()).toEqual(Object.keys(TRIED).sort());
});

const at = ({ slug }: Customer, page: string) => `/w/${slug}/${page}`;

function ledTo({ status, headers, text }: Response, page: RegExp | string): string {
  const location = String(headers['location']);
  expect(status, text).toBe(303);
  if (typeof page === 'string') expect(location).toBe(page);
  else expect(location).toMatch(page);
  return location;
}

const PAYMENT_PAGE = /^http:\/\/127\.0\.0\.1:\d+\/c\//;

describe('the buttons of', () => {
  test('buying apply a code, and lead to the payment of what is chosen', async () => {
    const ada = await program.signUp();
    const code = await newCode(program, { kind: 'purchase', credits: 30n * CREDIT });
    const chosen = { package: 'starter', promo: code };
    const applied = await press(ada.browser, at(ada, 'buy'), 'Apply', chosen);
    expect(applied.text).toContain(`${code} adds 30 credits to this order.`);
    const page = { path: at(ada, 'buy'), html: applied.text };
    ledTo(await pressIn(ada.browser, page, /^Pay \$/), PAYMENT_PAGE);
    const own = { package: 'own', amount: '12.00' };
    ledTo(await press(ada.browser, at(ada, 'buy'), /^Pay \$/, own), PAYMENT_PAGE);
    const orders = await program.database.query(
      `select total_minor::int as minor, catalogue->'promo'->>'code' as code from payments
       where workspace_id = $1 order by id`,
      [ada.workspace_id],
    );
    expect(orders).toEqual([
      { minor: 1_000, code },
      { minor: 1_200, code: null },
    ]);
  });

  test('running out leads to the payment of what is missing', async () => {
    const ada = await program.signUp();
    const back = encodeURIComponent(`/w/${ada.slug}/use`);
    ledTo(await press(ada.browser, at(ada, `buy/run-out?back=${back}`), /^Pay \$/), PAYMENT_PAGE);
  });

  test('transfers order by invoice, cancel, and mark what has come as paid', async () => {
    const ada = await program.signUp();
    const finance = await staffBrowser(program, 'finance');
    const order = async () => {
      const words = 'By invoice and bank transfer';
      const answer = await press(ada.browser, at(ada, 'buy'), words, { package: 'starter' });
      return ledTo(answer, /\/payments\/[\w-]{36}$/);
    };
    const left = await order();
    ledTo(await press(ada.browser, left, 'Cancel the order'), left);
    expect((await ada.browser.get(left)).text).toContain('Cancelled');
    const staffPage = `/admin/payments/${(await order()).split('/').at(-1)}`;
    const came = { amount: '10.00', reference: 'NTRF 88213', received_on: '2026-01-20' };
    ledTo(await press(finance, staffPage, 'Mark as paid', came), staffPage);
    expect(await ada.available()).toBe(150n * CREDIT);
  });

  test('plans begin, cancel and keep one for free, and lead to the payment of one that is not', async () => {
    const free = await newPlan(program, 0n, { name: 'Gratis' });
    const ada = await program.signUp();
    const plans = at(ada, 'plans');
    ledTo(await press(ada.browser, plans, `Begin ${free.month.name}`), plans);
    ledTo(await press(ada.browser, plans, 'Cancel at the end of the period'), plans);
    ledTo(await press(ada.browser, plans, 'Keep Gratis'), plans);
    const { year } = await newPlan(program, 100n, { name: 'By the year' });
    const answer = await press(ada.browser, `${plans}?period=year`, `Subscribe ${year.name}`);
    await deliverAll(program, await payHeld(program, await begunAt(program, answer)));
    expect(await ada.available()).toBe(1_350n * CREDIT);
  });

  test('plans upgrade, downgrade, stay, cancel, keep, and lead to the portal', async () => {
    const small = await newPlan(program, 2_800n, { name: 'Little' });
    await newPlan(program, 5_600n, { name: 'Much', credits_micro: 200n * CREDIT });
    const ada = await program.signUp();
    const plans = at(ada, 'plans');
    const answer = await press(ada.browser, plans, `Subscribe ${small.month.name}`);
    const begun = await begunAt(program, answer);
    await deliverAll(program, await payHeld(program, begun));
    const go = async (words: string) => {
      const told = await heldBy(program, async () => {
        ledTo(await press(ada.browser, plans, words), plans);
      });
      await deliverAll(program, told);
      return subscriptionOf(program, begun.id);
    };
    await go('Upgrade now Much');
    expect((await grantsOf(program, begun.id)).map(({ kind }) => kind)).toContain('upgrade');
    const next = { next_plan_price_id: small.month.id };
    expect(await go('Change later Little')).toMatchObject(next);
    expect(await go('Stay with Much')).toMatchObject({ next_plan_price_id: null });
    const cancel = 'Cancel at the end of the period';
    expect(await go(cancel)).toMatchObject({ cancel_at_period_end: true });
    expect(await go('Keep Much')).toMatchObject({ cancel_at_period_end: false });
    ledTo(await press(ada.browser, plans, 'Manage card and invoices'), /\/p\/session\/bps_/);
  });

  test('plans begin one with a code that was applied', async () => {
    const { month } = await newPlan(program, 2_800n, { name: 'With a code' });
    const ada = await program.signUp();
    const code = await newCode(program, { kind: 'plan', credits: 30n * CREDIT });
    const plans = at(ada, 'plans');
    const applied = await press(ada.browser, plans, 'Apply', { promo: code });
    const page = { path: plans, html: applied.text };
    const answer = await pressIn(ada.browser, page, `Subscribe ${month.name}`);
    const begun = await begunAt(program, answer);
    await deliverAll(program, await payHeld(program, begun));
    expect(await lotsOfPlan(program, begun.id)).toEqual(['plan 100 0', 'promo 30 0']);
  });

  test('auto top-up save a card, agree, change, turn off, exchange and remove the card', async () => {
    const ada = await program.signUp();
    const path = at(ada, 'auto-top-up');
    await saveCard(ada, 'Save a card, simulated', 'pm_card_visa');
    for (const below of ['60', '70']) {
      await agree(ada, { below, package: 'starter', limit: '100.00' });
      expect((await ada.browser.get(path)).text).toContain(`fall below ${below}.00`);
    }
    ledTo(await press(ada.browser, path, 'Turn off auto top-up'), path);
    expect(await stateOf(program, ada)).toMatchObject({ enabled: false });
    await saveCard(ada, 'Use another card', 'pm_card_mastercard');
    expect((await ada.browser.get(path)).text).toContain('Mastercard');
    ledTo(await press(ada.browser, path, 'Remove the card'), path);
    expect((await ada.browser.get(path)).text).toContain('No card is saved');
  });

  test('auto top-up lead to the payment that a bank wants to hear of', async () => {
    const ada = await program.signUp();
    const path = at(ada, 'auto-top-up');
    await saveCard(ada, 'Save a card, simulated', 'pm_card_authenticationRequired');
    await agree(ada, { below: '60', package: 'starter', limit: '100.00' });
    await topUpNow(program);
    ledTo(await press(ada.browser, path, 'Pay $10.00, simulated'), PAYMENT_PAGE);
  });

  test('codes redeem one', async () => {
    const ada = await program.signUp();
    const code = await newCode(program);
    const answer = await press(ada.browser, at(ada, 'redeem'), 'Redeem', { promo: code });
    ledTo(answer, /\/redeem\?redeemed=/);
    expect(await ada.available()).toBe(100n * CREDIT);
  });

  test('billing details keep them', async () => {
    const ada = await program.signUp();
    const path = at(ada, 'billing-details');
    const details = { legal_name: 'Ada & Sons', address: '12 MG Road', country: 'IN' };
    ledTo(await press(ada.browser, path, 'Keep the details', details), `${path}?kept`);
    // What was kept stands in the form again, and is kept by it.
    const words = 'Keep the details';
    ledTo(await press(ada.browser, path, words, { country: 'DE' }), `${path}?kept`);
    const rows = await program.database.query(
      'select legal_name, address, country from billing_details where workspace_id = $1',
      [ada.workspace_id],
    );
    expect(rows).toEqual([{ ...details, country: 'DE' }]);
  });
});

/** Presses the button that leads to Stripe, saves a card there, and comes back. */
async function saveCard(customer: Customer, words: string, card: string): Promise<void> {
  const answer = await press(customer.browser, at(customer, 'auto-top-up'), words);
  const session = /cs_\w+/.exec(ledTo(answer, PAYMENT_PAGE))?.[0] ?? '';
  await control(program, `/sessions/${session}/pay`, { card, delivery: { hold: true } });
  const back = at(customer, `auto-top-up/card?session=${session}`);
  ledTo(await customer.browser.get(back), at(customer, 'auto-top-up'));
}

/** Chooses the terms, reads the sentence, ticks it and agrees. */
async function agree(customer: Customer, terms: Record<string, string>): Promise<void> {
  const path = at(customer, 'auto-top-up');
  const read = await press(customer.browser, path, 'Read what you agree to', terms);
  const page = { path: `${path}/consent`, html: read.text };
  const ticked = { consent: 'yes' };
  ledTo(await pressIn(customer.browser, page, 'Turn on auto top-up', ticked), path);
}
