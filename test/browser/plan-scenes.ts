import { type Visit, signIn } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { newCode } from '../support/promo-codes.ts';
import { control } from '../support/purchases.ts';
import { plansOnSale } from '../../src/billing/plans.ts';
import { deliverAll, heldBy, sendPlanForm, subscribe } from '../support/subscriptions.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type Scene, asNewCustomer } from './arrivals.ts';

const CARD_THAT_FAILS = 'pm_card_chargeCustomerFail';

/** Somebody on a plan of the preset, who has done one thing more with it. */
async function onPlan(
  visit: Visit,
  program: TestProgram,
  { code, then, to = '/plans' }: { code: string; then?: string; to?: string },
): Promise<void> {
  const customer = await program.signUp();
  await signIn(visit, program, customer);
  const onSale = await plansOnSale(program.database.connections.staff, 'USD');
  const plan = onSale.find((one) => one.code === code && one.period === 'month');
  if (plan === undefined) throw new Error(`${code} is not on sale`);
  const begun = await subscribe(program, customer, plan);
  if (then !== 'leave') {
    const delivery = { hold: true };
    const events = await heldBy(program, () =>
      control(program, `/sessions/${begun.session_id}/pay`, { card: CARD_THAT_FAILS, delivery }),
    );
    if (then !== 'wait') await deliverAll(program, events);
  }
  if (then === '/cancel') {
    await deliverAll(program, await heldBy(program, () => sendPlanForm(customer, '/cancel')));
  }
  await visit.page.goto(`/w/${customer.slug}${to}`);
}

/** The plan of a workspace, in each of its states. */
export const planScenes: Scene[] = [
  {
    name: 'plans',
    says: 'Plan',
    open: (visit, program) => asNewCustomer(visit, program, '/plans'),
  },
  {
    name: 'plans by the year',
    says: 'Plan',
    open: (visit, program) => asNewCustomer(visit, program, '/plans?period=year'),
  },
  {
    name: 'plans with a code',
    says: 'Plan',
    open: async (visit, program) => {
      const code = await newCode(program, { kind: 'plan', credits: 40n * CREDIT });
      await asNewCustomer(visit, program, '/plans');
      await visit.page.getByLabel('Promo code').fill(code);
      await visit.page.getByLabel('Promo code').press('Enter');
      await visit.page.getByText('The code adds').first().waitFor();
    },
  },
  {
    name: 'plans with a code that there is not',
    says: 'Plan',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/plans');
      await visit.page.getByLabel('Promo code').fill('NOTHING');
      await visit.page.getByRole('button', { name: 'Apply' }).click();
      await visit.page.getByText('There is no such code').first().waitFor();
    },
  },
  {
    name: 'plans while buying is off',
    says: 'Plan',
    closed: true,
    open: (visit, program) => asNewCustomer(visit, program, '/plans'),
  },
  {
    name: 'plan begun by its button',
    says: 'Plan',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/plans');
      await visit.page.getByRole('button', { name: 'Begin Free' }).click();
      await visit.page.getByText('Active', { exact: true }).waitFor();
    },
  },
  {
    name: 'plan of ones own',
    says: 'Plan',
    open: (visit, program) => onPlan(visit, program, { code: 'scale' }),
  },
  {
    name: 'plan with other plans by the year',
    says: 'Plan',
    open: (visit, program) => onPlan(visit, program, { code: 'scale', to: '/plans?period=year' }),
  },
  {
    name: 'plan on trial cancelled',
    says: 'Plan',
    open: (visit, program) => onPlan(visit, program, { code: 'team', then: '/cancel' }),
  },
  {
    name: 'plan on its way',
    says: 'Plan',
    open: (visit, program) =>
      onPlan(visit, program, { code: 'scale', then: 'wait', to: '/plans?back=1' }),
  },
];
