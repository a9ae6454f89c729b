import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findInvoice, issueCreditNote, issueInvoice } from '../../src/billing/invoices.ts';
import { keepSeller } from '../../src/billing/seller.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { ordered, settled } from '../support/orders.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { deliver, only, order, payHeld } from '../support/purchases.ts';

const SETTINGS = {
  SELLER_NAME: 'Rate Sheet Ltd',
  SELLER_ADDRESS: '12 MG Road|560001 Bengaluru',
  SELLER_COUNTRY: 'IN',
  SELLER_TAX_ID: '29AAGCB7383J1Z4',
  SELLER_EMAIL: 'billing@ratesheet.example',
};
const YEAR = new Date().getUTCFullYear();

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ settings: SETTINGS });
});
afterAll(() => program.stop());

async function invoiceOf(customer: Customer, paymentId: string) {
  const { app } = program.database.connections;
  return inWorkspace(app, customer.workspace_id, (trx) => findInvoice(trx, paymentId));
}

/** A refund that has succeeded, as a row; what it does to credits is no matter here. */
async function refunded(customer: Customer, paymentId: string, totalMinor: bigint) {
  const id = newId();
  await program.database.query(
    `insert into payments (id, workspace_id, wallet_id, order_key, type, status, provider, livemode,
       subtotal_minor, total_minor, currency, parent_payment_id, catalogue, completed_at)
     select $1, workspace_id, wallet_id, gen_random_uuid()::text, 'refund', 'completed', provider, livemode,
       $3, $3, currency, id, '{}', now() from payments where id = $2`,
    [id, paymentId, totalMinor],
  );
  const { app } = program.database.connections;
  return inWorkspace(app, customer.workspace_id, async (trx) => {
    const [one, again] = [await issueCreditNote(trx, id), await issueCreditNote(trx, id)];
    expect(again).toEqual(one);
    return id;
  });
}

describe('invoices', () => {
  test('fifty payments settled at once, and ten that were undone: numbers 1 to 50, each once', async () => {
    const customers = await Promise.all(Array.from({ length: 5 }, () => program.signUp()));
    const payments = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const customer = customers[index % customers.length];
        if (customer === undefined) throw new Error('there is no customer');
        return ordered(program, customer, { livemode: true });
      }),
    );
    const undo = (): Promise<never> => Promise.reject(new Error('undone'));
    const outcomes = await Promise.allSettled(
      payments.map((payment, index) =>
        settled(program, payment, index % 6 === 5 ? { then: undo } : {}),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    const rows = await program.database.query<{ number: string }>(
      'select number from invoices where series = $1 order by number_in_series',
      [String(YEAR)],
    );
    const wanted = Array.from(
      { length: 50 },
      (_, index) => `${YEAR}-${String(index + 1).padStart(6, '0')}`,
    );
    expect(rows.map(({ number }) => number)).toEqual(wanted);
  });

  test('a purchase through Stripe has one, of its own series where no money moved', async () => {
    const ada = await program.signUp();
    const purchase = await order(program, ada, 'professional');
    const events = await payHeld(program, purchase);
    await deliver(program, only(events, 'checkout.session.completed'), 'parallel:3');
    const invoice = await invoiceOf(ada, purchase.payment_id);
    expect(invoice).toMatchObject({
      kind: 'invoice',
      livemode: false,
      seller: {
        name: 'Rate Sheet Ltd',
        address: ['12 MG Road', '560001 Bengaluru'],
        country: 'IN',
      },
      buyer: { name: 'Ada Byron', email: ada.email, tax_id: null },
      lines: [
        {
          description: 'Professional',
          detail: '500 credits, good for a year',
          amount_minor: 4500n,
        },
        { description: 'Bonus', detail: '50 credits, good for 90 days', amount_minor: 0n },
      ],
      total_minor: 4500n,
      currency: 'USD',
    });
    expect(invoice?.number).toMatch(new RegExp(`^TEST-${YEAR}-\\d{6}$`));
  });

  test('issued again it is the same one, also when the seller has moved meanwhile', async () => {
    const ada = await program.signUp();
    const payment = await ordered(program, ada);
    await settled(program, payment);
    const before = await invoiceOf(ada, payment.id);
    const { app } = program.database.connections;
    const keep = (name: string) =>
      app
        .transaction()
        .execute((trx) => keepSeller(trx, { name, address: [], bank: [], time_zone: 'UTC' }));
    await keep('Moved Ltd');
    const again = await inWorkspace(app, ada.workspace_id, (trx) => issueInvoice(trx, payment.id));
    await keep('Rate Sheet Ltd');
    expect(again.number).toBe(before?.number);
    expect(await invoiceOf(ada, payment.id)).toEqual(before);
  });

  test('are never changed: not by the program, not by the owner', async () => {
    const { app } = program.database.connections;
    const changes = ['update invoices set total_minor = 0', 'delete from invoices'];
    for (const change of changes) {
      await expect(program.database.query(change)).rejects.toThrow('never changed or deleted');
      const ada = await program.signUp();
      await expect(
        inWorkspace(app, ada.workspace_id, (trx) => {
          return trx.updateTable('invoices').set({ number: 'x' }).execute();
        }),
      ).rejects.toThrow('permission denied');
    }
  });

  test('of one workspace are not seen by another', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    const payment = await ordered(program, ada);
    await settled(program, payment);
    expect(await invoiceOf(ada, payment.id)).toBeDefined();
    expect(await invoiceOf(eve, payment.id)).toBeUndefined();
    const { app } = program.database.connections;
    expect(await app.selectFrom('invoices').select('id').execute()).toEqual([]);
  });
});

describe('credit notes', () => {
  test('correct the invoice of what was refunded, with its share of the tax', async () => {
    const ada = await program.signUp();
    const payment = await ordered(program, ada);
    await settled(program, payment, { tax_minor: 190n });
    const ids = [await refunded(ada, payment.id, 1n), await refunded(ada, payment.id, 1189n)];
    const invoice = await invoiceOf(ada, payment.id);
    const notes = [await invoiceOf(ada, ids[0] ?? ''), await invoiceOf(ada, ids[1] ?? '')];
    expect(notes.map((note) => [note?.subtotal_minor, note?.tax_minor])).toEqual([
      [1n, 0n],
      [999n, 190n],
    ]);
    expect(notes[1]).toMatchObject({
      kind: 'credit_note',
      corrects: invoice?.number,
      buyer: invoice?.buyer,
    });
    expect(notes[1]?.number).toMatch(new RegExp(`^TEST-CN-${YEAR}-\\d{6}$`));
  });

  test('never say more than the invoice, though a refund failed after it had its own', async () => {
    const ada = await program.signUp();
    const payment = await ordered(program, ada);
    await settled(program, payment);
    const ids = [
      await refunded(ada, payment.id, 600n),
      await refunded(ada, payment.id, 600n),
      await refunded(ada, payment.id, 400n),
    ];
    const notes = await Promise.all(ids.map((id) => invoiceOf(ada, id)));
    expect(notes.map((note) => note?.total_minor)).toEqual([600n, 400n, undefined]);
  });
});
