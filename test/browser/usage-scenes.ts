import type { Scene } from './arrivals.ts';
import { asDemoPerson, asNewCustomer } from './arrivals.ts';
import { asLinked } from './customer-scenes.ts';

/** Usage, in its ranges and groups. */
export const usageScenes: Scene[] = [
  {
    name: 'usage',
    says: 'Usage',
    open: async (visit, program) => {
      await asDemoPerson(visit, program, '/usage');
      await visit.page.getByText('The same as a table').click();
    },
  },
  {
    name: 'usage by member of 90 days',
    says: 'Usage',
    open: async (visit, program) => {
      await asDemoPerson(visit, program, '/usage');
      await visit.page.getByRole('link', { name: '90 days' }).click();
      await visit.page.getByText('Spent in 90 days').waitFor();
      await visit.page.getByRole('link', { name: 'Member', exact: true }).click();
      await visit.page.getByRole('heading', { name: 'By member' }).waitFor();
      await visit.page.getByText('Other days, or a part of it').click();
    },
  },
  {
    name: 'usage refused',
    says: 'Usage',
    open: (visit, program) =>
      asDemoPerson(visit, program, '/usage?from=2026-11-20&to=2026-11-01&customer=user-42'),
  },
  {
    name: 'usage empty',
    says: 'Usage',
    open: (visit, program) => asNewCustomer(visit, program, '/usage'),
  },
  {
    name: 'customer usage',
    says: 'Usage',
    open: async (visit, program) => {
      await asLinked(visit, program, 'overview');
      await visit.page.getByRole('link', { name: 'Usage' }).click();
      await visit.page.getByText('Spent in 28 days').waitFor();
    },
  },
];
