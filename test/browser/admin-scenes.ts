import { type Visit, signIn } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { newCode } from '../support/promo-codes.ts';
import { control } from '../support/purchases.ts';
import { paidPurchase } from '../support/reversals.ts';
import { type Scene, asNewCustomer, send } from './arrivals.ts';

/** Somebody of the staff, at a page of the admin area. */
export async function asStaff(visit: Visit, program: TestProgram, path: string): Promise<void> {
  const staff = await program.signUp('Grace Hopper');
  await program.database.query(`update people set staff_role = 'finance' where email = $1`, [
    staff.email,
  ]);
  await signIn(visit, program, staff);
  await visit.page.goto(path);
}

/** What the staff see and do, and what customers have of promo codes and referrals. */
export const adminScenes: Scene[] = [
  {
    name: 'admin payments',
    says: 'Payments',
    open: (visit, program) => asStaff(visit, program, '/admin/payments'),
  },
  {
    name: 'admin refund refused',
    says: 'Professional',
    open: async (visit, program) => {
      const { payment_id } = await paidPurchase(program, await program.signUp());
      await asStaff(visit, program, `/admin/payments/${payment_id}`);
      await visit.page.getByLabel('A part').check();
      await send(visit, { 'The part, in USD': '45.01', Reason: 'Asked for it' }, 'Give back');
      await visit.page.getByText('That is not left of the payment.').waitFor();
    },
  },
  {
    name: 'admin payment disputed',
    says: 'Professional',
    open: async (visit, program) => {
      const { payment_id, intent } = await paidPurchase(program, await program.signUp());
      await control(program, '/disputes', { payment_intent: intent });
      await asStaff(visit, program, `/admin/payments/${payment_id}`);
      await visit.page.getByRole('heading', { name: 'Disputes' }).waitFor();
    },
  },
  {
    name: 'admin reconciliation',
    says: 'Reconciliation',
    open: (visit, program) => asStaff(visit, program, '/admin/reconciliation'),
  },
  {
    name: 'admin flagged',
    says: 'Flagged events',
    open: (visit, program) => asStaff(visit, program, '/admin/flagged'),
  },
  {
    name: 'admin promo codes',
    says: 'Promo codes',
    open: (visit, program) => asStaff(visit, program, '/admin/promo-codes'),
  },
  {
    name: 'admin promo code changed',
    says: 'T-',
    open: async (visit, program) => {
      const [row] = await program.database.query<{ id: string }>(
        'select id from promo_codes where code = $1',
        [await newCode(program, { kind: 'purchase' })],
      );
      await asStaff(visit, program, `/admin/promo-codes/${String(row?.id)}`);
      await send(
        visit,
        { Reason: 'The year ends', 'Until (optional)': '2100-01-01' },
        'Save the change',
      );
      await visit.page.getByText('Until: nothing → 2100-01-01').waitFor();
      await send(visit, { Reason: 'Sooner', 'Until (optional)': 'soon' }, 'Save the change');
      await visit.page.getByText('One field needs a change.').waitFor();
    },
  },
  {
    name: 'catalogue preset',
    says: 'Preset',
    open: async (visit, program) => {
      await program.database.query(
        `insert into preset_versions (preset, version, kept)
         values ('studio', 9, '{package starter,price of image.generate,industry dental}')`,
      );
      await asStaff(visit, program, '/admin/catalogue/preset');
    },
  },
  {
    name: 'redeem',
    says: 'Redeem',
    open: (visit, program) => asNewCustomer(visit, program, '/redeem'),
  },
  {
    name: 'referrals',
    says: '',
    open: (visit, program) => asNewCustomer(visit, program, '/referrals'),
  },
];
