import { randomUUID } from 'node:crypto';
import type { StaffRole } from '../../src/core/staff-functions.ts';
import { type Visit, signIn } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { control, deliver, emit, only, order, payHeld } from '../support/purchases.ts';
import { reconciled } from '../support/reconciling.ts';
import { paidPurchase } from '../support/reversals.ts';
import { pageOf, staffMember } from '../support/staff.ts';
import { addedEndpoint, send as sendWebhooks } from '../webhooks/listening.ts';
import { type Scene, send } from './arrivals.ts';
import { spendMessages } from './scenes.ts';

/** Somebody of the staff with a role, at a page of the admin area. */
async function as(visit: Visit, program: TestProgram, role: StaffRole, path: string) {
  await signIn(visit, program, await staffMember(program, role));
  await visit.page.goto(path);
}

/** A customer who was charged for 55 messages, 5.50 credits. */
async function charged(program: TestProgram): Promise<Customer> {
  const customer = await program.signUp('Katherine Johnson');
  await spendMessages(program, customer, 55);
  return customer;
}

/** What an action asks for, then before and after. */
async function toConfirm(
  visit: Visit,
  program: TestProgram,
  path: string,
  fields: Record<string, string> = { Reason: 'Ticket 5120' },
): Promise<void> {
  await as(visit, program, 'admin', pageOf(await charged(program)) + path);
  await send(visit, fields, 'Go on');
  await visit.page.getByRole('heading', { name: 'Before and after' }).waitFor();
}

/** Stripe tells of a payment in words that it does not have. */
async function flagged(program: TestProgram): Promise<string> {
  const forged = {
    id: `pi_${randomUUID()}`,
    object: 'payment_intent',
    amount: 'ten',
    metadata: {},
  };
  const id = await emit(program, 'payment_intent.succeeded', forged);
  await deliver(program, { id, type: 'payment_intent.succeeded' });
  return id;
}

/** A message to an endpoint that does not answer. */
async function undelivered(program: TestProgram): Promise<void> {
  const customer = await program.signUp('Katherine Johnson');
  const url = 'http://127.0.0.1:1/receivers/of-credits';
  await addedEndpoint(program.database, customer.workspace_id, { url });
  await paidPurchase(program, customer);
  await sendWebhooks(program.database);
}

/** A purchase that was paid and of which no webhook came, found by reconciling. */
async function foundByReconciling(program: TestProgram): Promise<void> {
  await control(program, '/settings', { hold: true });
  const purchase = await order(program, await program.signUp());
  only(await payHeld(program, purchase), 'checkout.session.completed');
  await reconciled(program);
  await control(program, '/settings', { hold: false });
}

/** What the staff work with: messages in and out, health, what is confirmed, whose pages are seen. */
export const staffDeskScenes: Scene[] = [
  {
    name: 'staff webhooks in',
    says: 'Webhooks in',
    open: async (visit, program) => {
      await flagged(program);
      await as(visit, program, 'finance', '/admin/stripe-events');
    },
  },
  {
    name: 'staff webhook taken in again',
    says: 'payment_intent.succeeded',
    open: async (visit, program) => {
      await as(visit, program, 'finance', `/admin/stripe-events/${await flagged(program)}`);
      await visit.page.getByRole('button', { name: 'Take it in again' }).click();
      await visit.page.getByText('It was taken in once more.').waitFor();
    },
  },
  {
    name: 'staff flagged',
    says: 'Flagged events',
    open: async (visit, program) => {
      await flagged(program);
      await as(visit, program, 'finance', '/admin/flagged');
    },
  },
  {
    name: 'staff webhooks out',
    says: 'Webhooks out',
    open: async (visit, program) => {
      await undelivered(program);
      await as(visit, program, 'finance', '/admin/deliveries?only=undelivered');
    },
  },
  {
    name: 'staff webhook sent again',
    says: 'credits.',
    open: async (visit, program) => {
      await undelivered(program);
      await as(visit, program, 'finance', '/admin/deliveries?only=undelivered');
      await visit.page.getByRole('rowheader').getByRole('link').first().click();
      await visit.page.getByRole('button', { name: 'Send it again' }).click();
      await visit.page.getByText('One message is sent again').waitFor();
    },
  },
  {
    name: 'staff health',
    says: 'Health',
    open: (visit, program) => as(visit, program, 'support', '/admin/health'),
  },
  {
    name: 'staff reconciled',
    says: 'Reconciliation',
    open: async (visit, program) => {
      await foundByReconciling(program);
      await as(visit, program, 'finance', '/admin/reconciliation');
    },
  },
  {
    name: 'staff charge',
    says: 'Message',
    open: async (visit, program) =>
      as(visit, program, 'admin', `${pageOf(await charged(program))}/history/2`),
  },
  {
    name: 'staff gives back',
    says: 'Give back what entry 2 charged',
    open: (visit, program) =>
      toConfirm(visit, program, '/history/2/give-back', { 'In other words': 'Ticket 5120' }),
  },
  {
    name: 'staff gives back for a reason',
    says: 'Give back what entry 2 charged',
    open: async (visit, program) =>
      as(visit, program, 'support', `${pageOf(await charged(program))}/history/2/give-back`),
  },
  {
    name: 'staff action refused',
    says: 'Take credits away',
    open: async (visit, program) => {
      await as(visit, program, 'admin', `${pageOf(await charged(program))}/deduct`);
      await send(visit, { Credits: 'a few' }, 'Go on');
      await visit.page.getByText('Nothing was changed.').waitFor();
    },
  },
  {
    name: 'staff freezes',
    says: 'Freeze the wallet',
    open: (visit, program) => toConfirm(visit, program, '/freeze'),
  },
  {
    name: 'staff sets a budget',
    says: 'budget',
    open: async (visit, program) =>
      as(visit, program, 'admin', `${pageOf(await charged(program))}/budget`),
  },
  {
    name: 'staff changes a plan',
    says: 'Change the plan',
    open: async (visit, program) =>
      as(visit, program, 'admin', `${pageOf(await charged(program))}/plan`),
  },
  {
    name: 'staff note',
    says: 'Katherine Johnson',
    open: async (visit, program) => {
      await as(visit, program, 'support', pageOf(await charged(program)));
      await send(visit, { 'New note': 'Called: the export of Monday failed.' }, 'Add the note');
      await visit.page.getByText('the export of Monday failed').waitFor();
    },
  },
  {
    name: 'staff view of a customer',
    says: 'Overview',
    open: async (visit, program) => {
      await toConfirm(visit, program, '/see');
      await visit.page.getByRole('button', { name: 'See it' }).click();
      await visit.page.getByText('Staff view of').waitFor();
    },
  },
  {
    name: 'staff finds nobody',
    says: 'Customers',
    open: (visit, program) => as(visit, program, 'support', '/admin/customers?q=nobody@nowhere'),
  },
];
