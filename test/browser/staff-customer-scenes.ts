import { type Visit } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { paidPurchase } from '../support/reversals.ts';
import { asStaff } from './admin-scenes.ts';
import type { Scene } from './arrivals.ts';

/** A customer who bought and used something, in whom support is interested. */
async function atCustomer(visit: Visit, program: TestProgram, path = ''): Promise<Customer> {
  const customer = await program.signUp('Katherine Johnson');
  await paidPurchase(program, customer);
  await asStaff(visit, program, `/admin/customers/${customer.workspace_id}${path}`);
  return customer;
}

/** What the staff see of customers and do for them. */
export const staffCustomerScenes: Scene[] = [
  {
    name: 'staff customers',
    says: 'Customers',
    open: (visit, program) => asStaff(visit, program, '/admin/customers'),
  },
  ...['', '/history', '/statistics', '/people', '/keys', '/alerts', '/audit', '/test'].map(
    (path): Scene => ({
      name: `staff customer${path.replace('/', ' ')}`,
      says: 'Katherine Johnson',
      open: async (visit, program) => {
        await atCustomer(visit, program, path);
      },
    }),
  ),
  {
    name: 'staff entry',
    says: 'Professional',
    open: async (visit, program) => {
      await atCustomer(visit, program, '/history/2');
    },
  },
];
