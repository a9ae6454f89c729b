import { type Scene, asDemoPerson, asNewCustomer } from './arrivals.ts';

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
];
