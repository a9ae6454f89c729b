import { ONE_UNIT } from '../../src/core/price-rules.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { type Visit, signIn } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { control, order, payHeld } from '../support/purchases.ts';
import { accountScenes } from './account-scenes.ts';
import { profileScenes } from './profile-scenes.ts';
import { adminScenes } from './admin-scenes.ts';
import { bulkGrantScenes } from './bulk-grant-scenes.ts';
import { catalogueScenes } from './catalogue-scenes.ts';
import { historyScenes } from './history-scenes.ts';
import { alertScenes } from './alert-scenes.ts';
import { invoiceScenes } from './invoice-scenes.ts';
import { type Scene, asDemoPerson, asNewCustomer, send } from './arrivals.ts';
import { businessScenes } from './business-scenes.ts';
import { customerScenes } from './customer-scenes.ts';
import { keyScenes } from './key-scenes.ts';
import { mailScenes } from './mail-scenes.ts';
import { teamScenes } from './team-scenes.ts';
import { topUpScenes } from './top-up-scenes.ts';
import { overviewScenes } from './overview-scenes.ts';
import { planScenes } from './plan-scenes.ts';
import { staffOverviewScenes } from './staff-overview-scenes.ts';
import { usageScenes } from './usage-scenes.ts';
import { staffCustomerScenes } from './staff-customer-scenes.ts';
import { staffDeskScenes } from './staff-desk-scenes.ts';
import { staffScenes } from './staff-scenes.ts';
import { startScenes } from './start-scenes.ts';
import { styleScenes } from './style-scenes.ts';
import { webhookScenes } from './webhook-scenes.ts';

/** Spends so many messages, at 0.10 credits each, in one debit. */
export async function spendMessages(
  program: TestProgram,
  customer: Pick<Customer, 'workspace_id' | 'wallet_id'>,
  messages: number,
  key = 'messages',
): Promise<void> {
  const operation = await inWorkspace(
    program.database.connections.app,
    customer.workspace_id,
    (trx) => findOperation(trx, customer.workspace_id, 'message.send'),
  );
  if (operation === undefined) throw new Error('no messages are on sale');
  await program.ledger.execute({
    kind: 'debit',
    wallet_id: customer.wallet_id,
    operation: operation.code,
    quantity: BigInt(messages) * ONE_UNIT,
    rule: operation.rule,
    key: { namespace: 'web', key },
    asked: { actor_kind: 'system' },
  });
}

/** A purchase whose webhooks wait, seen at the page to which Stripe sends people back. */
async function returnFromPayment(
  visit: Visit,
  program: TestProgram,
  how: 'pending' | 'paid' | 'expired',
): Promise<void> {
  const customer = await program.signUp();
  await signIn(visit, program, customer);
  const purchase = await order(program, customer, 'business');
  if (how === 'pending') await payHeld(program, purchase);
  else {
    const ends = how === 'paid' ? 'pay' : 'expire';
    await control(program, `/sessions/${purchase.session_id}/${ends}`, {});
  }
  const path = `/w/${customer.slug}/payments/${purchase.payment_id}`;
  await visit.page.goto(path);
}

const RUN = 'Run it';

export type { Scene } from './arrivals.ts';

export const scenes: Scene[] = [
  {
    name: 'home',
    says: 'a page for where each one went',
    open: ({ page }) => page.goto('/'),
  },
  { name: 'the API', says: 'The API', open: ({ page }) => page.goto('/docs/api') },
  { name: 'sign in', says: 'Sign in', open: ({ page }) => page.goto('/sign-in') },
  { name: 'sign up', says: 'Create an account', open: ({ page }) => page.goto('/sign-up') },
  {
    name: 'sign in refused',
    says: 'Sign in',
    open: async (visit) => {
      await visit.page.goto('/sign-in');
      await send(visit, { 'E-mail': 'nobody@example.com', Password: 'not the one' }, 'Sign in');
      await visit.page.locator('#refusal').waitFor();
    },
  },
  {
    name: 'sign up refused',
    says: 'Create an account',
    open: async (visit) => {
      await visit.page.goto('/sign-up');
      await send(visit, { 'E-mail': 'ada', Password: 'short' }, 'Create the account');
      await visit.page.getByText('Three fields need a change.').waitFor();
    },
  },
  {
    name: 'dashboard empty',
    says: 'Overview',
    open: (visit, program) => asNewCustomer(visit, program, ''),
  },
  {
    name: 'dashboard with history',
    says: 'Overview',
    open: (visit, program) => asDemoPerson(visit, program, ''),
  },
  {
    name: 'dashboard low',
    says: 'Overview',
    open: async (visit, program) => {
      await spendMessages(program, await asNewCustomer(visit, program, ''), 450);
      await visit.page.reload();
      await visit.page.getByText('Overview').first().waitFor();
    },
  },
  {
    name: 'dashboard run out',
    says: 'Overview',
    open: async (visit, program) => {
      await spendMessages(program, await asNewCustomer(visit, program, ''), 500);
      await visit.page.reload();
      await visit.page.getByText('Overview').first().waitFor();
    },
  },
  {
    name: 'history',
    says: 'History',
    open: (visit, program) => asDemoPerson(visit, program, '/history'),
  },
  {
    name: 'history older',
    says: 'History',
    open: async (visit, program) => {
      await asDemoPerson(visit, program, '/history');
      await visit.page.getByRole('link', { name: 'Older' }).click();
      await visit.page.getByRole('link', { name: 'Newer' }).waitFor();
    },
  },
  {
    name: 'entry of a debit',
    says: 'Voice call, ',
    open: async (visit, program) => {
      await asDemoPerson(visit, program, '/history');
      await visit.page.getByRole('link', { name: 'Voice call' }).first().click();
      await visit.page.getByText('What it cost').waitFor();
    },
  },
  {
    name: 'entry of a grant',
    says: 'Welcome credits',
    open: (visit, program) => asDemoPerson(visit, program, '/history/1'),
  },
  {
    name: 'use',
    says: 'Use credits',
    open: (visit, program) => asNewCustomer(visit, program, '/use'),
  },
  {
    name: 'use with outcome',
    says: 'Use credits',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/use');
      await send(visit, {}, RUN);
      await visit.page.getByText('0.10 charged').waitFor();
    },
  },
  {
    name: 'use with shortage',
    says: 'Use credits',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/use');
      await send(visit, { 'Quantity, in messages': '1000' }, RUN);
      await visit.page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'use refused',
    says: 'Use credits',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/use');
      await send(visit, { 'Quantity, in messages': 'ten' }, RUN);
      await visit.page.getByText('One field needs a change').waitFor();
    },
  },
  {
    name: 'buy',
    says: 'Buy credits',
    open: (visit, program) => asNewCustomer(visit, program, '/buy'),
  },
  {
    name: 'buy after leaving the payment',
    says: 'Buy credits',
    open: (visit, program) => asNewCustomer(visit, program, '/buy?cancelled=1'),
  },
  {
    name: 'buy when buying is off',
    says: 'Buy credits',
    closed: true,
    open: (visit, program) => asNewCustomer(visit, program, '/buy'),
  },
  {
    name: 'payment pending',
    says: 'Your payment is on its way',
    open: (visit, program) => returnFromPayment(visit, program, 'pending'),
  },
  {
    name: 'payment completed',
    says: 'Your credits have arrived',
    open: async (visit, program) => {
      await returnFromPayment(visit, program, 'paid');
      await visit.page.getByText('Your credits have arrived').waitFor();
    },
  },
  {
    name: 'payment not completed',
    says: 'The payment was cancelled',
    open: async (visit, program) => {
      await returnFromPayment(visit, program, 'expired');
      await visit.page.getByText('The payment was cancelled').waitFor();
    },
  },
  ...historyScenes,
  ...invoiceScenes,
  ...accountScenes,
  ...profileScenes,
  ...adminScenes,
  ...bulkGrantScenes,
  ...catalogueScenes,
  ...staffOverviewScenes,
  ...staffCustomerScenes,
  ...staffScenes,
  ...staffDeskScenes,
  ...usageScenes,
  ...businessScenes,
  ...customerScenes,
  ...keyScenes,
  ...mailScenes,
  ...teamScenes,
  ...topUpScenes,
  ...overviewScenes,
  ...planScenes,
  ...alertScenes,
  ...webhookScenes,
  ...startScenes,
  ...styleScenes,
  {
    name: 'nothing here',
    says: 'There is nothing here',
    open: (visit, program) => asNewCustomer(visit, program, '/no-such-page'),
  },
  {
    name: 'an error of ours',
    says: 'Something went wrong',
    closed: true,
    open: async (visit, program) => {
      const customer = await asNewCustomer(visit, program, '');
      await program.database.query('alter table operations rename to operations_away');
      await visit.page.goto(`/w/${customer.slug}/use`);
      await program.database.query('alter table operations_away rename to operations');
    },
  },
];
