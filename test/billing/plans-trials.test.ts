import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { carryOutAll } from '../../src/billing/subscriptions/asked-changes.ts';
import { checkTrials } from '../../src/billing/subscriptions/trials.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { control } from '../support/purchases.ts';
import {
  advanceHeld,
  deliverAll,
  grantsOf,
  heldBy,
  newPlan,
  payHeld,
  sendPlanForm,
  subscribe,
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
const TRIAL = { trial_days: 14 };

/** Begins a plan with a trial, at the payment page with a card, and what the jobs make of it. */
async function begin(
  ada: Customer,
  price: Parameters<typeof subscribe>[2],
  card: string,
): Promise<string> {
  const begun = await subscribe(program, ada, price);
  await deliverAll(program, await payHeld(program, begun, card));
  return begun.id;
}

async function runJobs(): Promise<void> {
  const { connections } = program.database;
  const provider = workingProvider(program);
  const events = await heldBy(program, async () => {
    await Promise.all([checkTrials(connections, provider), checkTrials(connections, provider)]);
    await carryOutAll(connections, provider);
  });
  await deliverAll(program, events);
}

async function paymentsOf(id: string): Promise<string[]> {
  const rows = await program.database.query<{ total: string }>(
    'select total_minor::text as total from payments where subscription_id = $1',
    [id],
  );
  return rows.map(({ total }) => total);
}

describe('a trial', () => {
  test('gives its credits when the card was looked at, and is paid for when it is over', async () => {
    const { month } = await newPlan(program, 2_800n, TRIAL);
    const ada = await program.signUp();
    const id = await begin(ada, month, 'pm_card_visa');
    expect(await subscriptionOf(program, id)).toMatchObject({ status: 'trialing' });
    expect(await ada.available()).toBe(WELCOME);
    await runJobs();
    expect(await ada.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await paymentsOf(id)).toEqual([]);
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect(page.text).toContain('First payment');
    await deliverAll(program, await advanceHeld(program, 15));
    expect(await subscriptionOf(program, id)).toMatchObject({ status: 'active' });
    expect(await paymentsOf(id)).toEqual(['2800']);
    expect((await grantsOf(program, id)).map(({ kind }) => kind)).toEqual(['trial', 'period']);
  });

  test('attack 48: is once for a card, whoever comes with it, and then is paid for at once', async () => {
    const { month } = await newPlan(program, 2_800n, TRIAL);
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve Moneypenny')];
    await begin(ada, month, 'pm_card_mastercard');
    await runJobs();
    const id = await begin(eve, month, 'pm_card_mastercard');
    expect(await eve.available()).toBe(WELCOME);
    await runJobs();
    expect(await paymentsOf(id)).toEqual(['2800']);
    expect((await grantsOf(program, id)).map(({ kind }) => kind)).toEqual(['period']);
    expect(await eve.available()).toBe(WELCOME + 100n * CREDIT);
    expect(await subscriptionOf(program, id)).toMatchObject({ status: 'active' });
  });

  test('attack 48: is once for a person, also with another card', async () => {
    const { month } = await newPlan(program, 2_800n, TRIAL);
    const ada = await program.signUp();
    const first = await begin(ada, month, 'pm_card_authenticationRequired');
    await runJobs();
    await deliverAll(program, await heldBy(program, () => sendPlanForm(ada, '/cancel')));
    await deliverAll(program, await advanceHeld(program, 15));
    expect(await subscriptionOf(program, first)).toMatchObject({ status: 'cancelled' });
    expect(await paymentsOf(first)).toEqual([]);
    const page = await ada.browser.get(`/w/${ada.slug}/plans`);
    expect(page.text).not.toContain('Try it');
    const second = await begin(ada, month, 'pm_card_visa');
    expect(await subscriptionOf(program, second)).toMatchObject({ status: 'active' });
    expect(await paymentsOf(second)).toEqual(['2800']);
  });
});
