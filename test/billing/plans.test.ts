import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import {
  deliverAll,
  newPlan,
  payHeld,
  subscribe,
  subscriptionOf,
} from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const WELCOME = 50n * CREDIT;

describe('subscribing', () => {
  test('the paid invoice grants the period, with what was paid for it; the page says so', async () => {
    const { month } = await newPlan(program, 2_800n);
    const ada = await program.signUp();
    const begun = await subscribe(program, ada, month);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'incomplete' });
    const waiting = await ada.browser.get(`/w/${ada.slug}/plans?back=1`);
    expect(waiting.text).toContain('Stripe is confirming Crew, monthly');
    await deliverAll(program, await payHeld(program, begun));
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await subscriptionOf(program, begun.id)).toMatchObject({ status: 'active' });
    const lots = await program.database.query(
      `select l.source, l.cost_minor::text, l.currency, p.type, p.total_minor::text, i.number is not null as has_invoice
       from lots l join payments p on p.id = l.payment_id left join invoices i on i.payment_id = p.id
       where l.subscription_id = $1`,
      [begun.id],
    );
    expect(lots).toEqual([
      {
        ...{ source: 'plan', cost_minor: '2800', currency: 'USD' },
        ...{ type: 'subscription', total_minor: '2800', has_invoice: true },
      },
    ]);
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect(page.text).toContain('Crew, monthly');
    expect(page.text).toContain('Cancel at the end of the period');
  });
});
