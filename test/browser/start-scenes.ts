import { type Scene, asDemoPerson, asNewCustomer } from './arrivals.ts';
import { signIn } from '../support/browser.ts';

/** First steps, achievements and the welcome credits. */
export const startScenes: Scene[] = [
  {
    name: 'getting started',
    says: 'Getting started',
    open: (visit, program) => asNewCustomer(visit, program, '/start'),
  },
  {
    name: 'getting started, much done',
    says: 'Getting started',
    open: (visit, program) => asDemoPerson(visit, program, '/start'),
  },
  {
    name: 'welcome credits looked at',
    says: 'Welcome credits',
    open: async (visit, program) => {
      const customer = await program.signUp('Grace Hopper');
      await program.database.query(
        `update welcome_claims set state = 'review', reason = 'throw_away' where workspace_id = $1`,
        [customer.workspace_id],
      );
      await program.database.query(`update people set staff_role = 'finance' where email = $1`, [
        customer.email,
      ]);
      await signIn(visit, program, customer);
      await visit.page.goto('/admin/welcome');
    },
  },
];
