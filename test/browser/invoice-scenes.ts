import { type Scene, asDemoPerson, asNewCustomer, send } from './arrivals.ts';

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
];
