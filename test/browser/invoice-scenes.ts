import { type Visit, signIn } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { type Scene, asDemoPerson, asNewCustomer, send } from './arrivals.ts';

const BY_TRANSFER = 'By invoice and bank transfer';

/** An order by bank transfer, at its own page. */
async function orderByTransfer(visit: Visit, program: TestProgram): Promise<void> {
  await asNewCustomer(visit, program, '/buy');
  await send(visit, {}, BY_TRANSFER);
  await visit.page.getByText('Waiting for your transfer').waitFor();
}

/** Payments, their documents, and buying by bank transfer. */
export const invoiceScenes: Scene[] = [
  {
    name: 'payments empty',
    says: 'Payments',
    open: (visit, program) => asNewCustomer(visit, program, '/payments'),
  },
  {
    name: 'payments',
    says: 'Payments',
    open: (visit, program) => asDemoPerson(visit, program, '/payments'),
  },
  {
    name: 'invoice',
    says: 'Invoice',
    open: async (visit, program) => {
      await asDemoPerson(visit, program, '/payments');
      await visit.page.getByRole('link', { name: 'Professional' }).click();
      await visit.page.getByRole('link', { name: 'Invoice' }).click();
      await visit.page.getByText('nothing can be claimed').waitFor();
    },
  },
  {
    name: 'billing details',
    says: 'Billing details',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/billing-details');
      await visit.page.getByLabel('Country').selectOption('IN');
      await visit.page.getByLabel('Kind of tax id').selectOption('gstin');
      const details = { Name: 'Northlight Talent', Address: '12 MG Road', 'Tax id (': '29AAGCB' };
      await send(visit, details, 'Keep the details');
      await visit.page.getByText('One field needs a change').waitFor();
    },
  },
  {
    name: 'order by transfer',
    says: 'Your order waits for your transfer',
    open: orderByTransfer,
  },
  {
    name: 'pro-forma invoice',
    says: 'Pro-forma invoice',
    open: async (visit, program) => {
      await orderByTransfer(visit, program);
      await visit.page.getByRole('link', { name: 'Pro-forma invoice' }).click();
      await visit.page.getByText('How to pay').waitFor();
    },
  },
  {
    name: 'transfer to be marked as paid',
    says: 'Professional',
    open: async (visit, program) => {
      await orderByTransfer(visit, program);
      const id = visit.page.url().split('/').at(-1) ?? '';
      const number = id.slice(-12);
      const staff = await program.signUp('Grace Hopper');
      await program.database.query(`update people set staff_role = 'finance' where email = $1`, [
        staff.email,
      ]);
      await signIn(visit, program, staff);
      await visit.page.goto('/admin/payments');
      await send(visit, { 'Number of a payment': number }, 'Find');
      await visit.page.getByRole('link', { name: 'Professional' }).click();
      const fields = { 'Amount that came': '44.00', reference: 'NTRF 88213', Day: '2026-01-20' };
      await send(visit, fields, 'Mark as paid');
      await visit.page.getByText('One field needs a change').waitFor();
    },
  },
];
