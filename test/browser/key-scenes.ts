import { type Scene, asNewCustomer, send } from './arrivals.ts';

const MAKE = 'Make the key';
const REVOKE = 'Revoke the key';

/** The pages of API keys. */
export const keyScenes: Scene[] = [
  {
    name: 'keys empty',
    says: 'API keys',
    open: (visit, program) => asNewCustomer(visit, program, '/keys'),
  },
  {
    name: 'keys refused',
    says: 'API keys',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/keys');
      await visit.page.getByLabel('See the balance').uncheck();
      await visit.page.getByLabel('Spend', { exact: false }).first().uncheck();
      await send(visit, { 'Budget in credits': 'ten' }, MAKE);
      await visit.page.getByText('Three fields need a change').waitFor();
    },
  },
  {
    name: 'keys with one that was just made',
    says: 'API keys',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/keys');
      await send(visit, { Name: 'Nightly report', 'Budget in credits': '25' }, MAKE);
      await visit.page.getByText('It is shown only now').waitFor();
    },
  },
  {
    name: 'key to be revoked',
    says: 'Nightly report',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/keys');
      await send(visit, { Name: 'Nightly report', 'Budget in credits': '25' }, MAKE);
      await visit.page.getByRole('link', { name: 'Nightly report' }).click();
      await visit.page.getByRole('button', { name: REVOKE }).click();
      await visit.page.getByText('Tick this first').first().waitFor();
    },
  },
  {
    name: 'key revoked',
    says: 'Nightly report',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/keys');
      await send(visit, { Name: 'Nightly report' }, MAKE);
      await visit.page.getByRole('link', { name: 'Nightly report' }).click();
      await visit.page.getByLabel('may stop working').check();
      await visit.page.getByRole('button', { name: REVOKE }).click();
      await visit.page.getByText('This key is revoked').waitFor();
    },
  },
];
