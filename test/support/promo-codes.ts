import { randomBytes } from 'node:crypto';
import { type NewPromoCode, addPromoCode } from '../../src/billing/promo-codes.ts';
import { CREDIT } from './wallet-states.ts';
import { type Customer, type TestProgram, hiddenField } from './program.ts';

/** Makes a code: 50 credits at once, once for each person, unless a test says otherwise. */
export async function newCode(
  program: TestProgram,
  terms: Partial<NewPromoCode> = {},
): Promise<string> {
  const code = `T-${randomBytes(6).toString('hex').toUpperCase()}`;
  await program.database.connections.app.transaction().execute((trx) =>
    addPromoCode(trx, {
      ...{ code, name: 'Autumn', kind: 'grant', credits: 50n * CREDIT, percent: null },
      ...{
        packages: null,
        plans: null,
        first_purchase_only: false,
        starts_at: null,
        ends_at: null,
      },
      ...{ total_limit: null, person_limit: 1, expires_after_days: 30, made_by: 'test' },
      ...terms,
    }),
  );
  return code;
}

/** Sends the form that redeems a code, with a nonce of its own. */
export async function redeem(customer: Customer, code: string) {
  const path = `/w/${customer.slug}/redeem`;
  const page = await customer.browser.get(path).expect(200);
  const nonce = hiddenField(page.text, 'nonce');
  return customer.browser.post(path).type('form').send({ promo: code, nonce });
}

/** What is counted of a code, and its redemptions by their states. */
export async function usesOfCode(
  program: TestProgram,
  code: string,
): Promise<{ taken: number; states: string[] }> {
  const [row] = await program.database.query<{ taken: number; states: string[] }>(
    `select taken, array(select r.state from promo_redemptions r where r.promo_code_id = c.id
       order by r.id) as states from promo_codes c where code = $1`,
    [code],
  );
  if (row === undefined) throw new Error(`there is no code ${code}`);
  return row;
}

/** The lots of a subscription's payments: their source, what was granted, and what was taken back. */
export async function lotsOfPlan(program: TestProgram, subscriptionId: string): Promise<string[]> {
  const rows = await program.database.query<{ lot: string }>(
    `select concat_ws(' ', l.source, l.granted / 1000000, coalesce(t.refunded, 0) / 1000000) as lot
     from lots l join payments p on p.id = l.payment_id
     left join refund_totals t on t.wallet_id = l.wallet_id and t.entry_seq = l.entry_seq
       and t.lot_number = l.number
     where p.subscription_id = $1 order by l.number`,
    [subscriptionId],
  );
  return rows.map(({ lot }) => lot);
}
