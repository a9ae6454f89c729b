import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordered, settled } from '../support/orders.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const DETAILS = {
  legal_name: 'Northlight Talent Pvt Ltd',
  address: '12 MG Road\r\n\r\n  560001   Bengaluru ',
  country: 'IN',
  tax_id_kind: 'gstin',
  tax_id: '29 aagcb7383j 1z4',
};

function keep({ browser, slug }: Pick<Customer, 'browser' | 'slug'>, fields: object) {
  return browser.post(`/w/${slug}/billing-details`).type('form').send(fields);
}

async function stored(customer: Customer): Promise<object | undefined> {
  const [row] = await program.database.query(
    `select legal_name, address, country, tax_id, tax_id_kind from billing_details
     where workspace_id = $1`,
    [customer.workspace_id],
  );
  return row;
}

describe('POST /w/:slug/billing-details', () => {
  test('keeps who buys, and invoices from then on say it', async () => {
    const ada = await program.signUp();
    const [before, after] = [await ordered(program, ada), await ordered(program, ada)];
    await settled(program, before);
    await keep(ada, DETAILS).expect(303);
    await settled(program, after);
    expect(await stored(ada)).toEqual({
      legal_name: 'Northlight Talent Pvt Ltd',
      address: '12 MG Road\n560001 Bengaluru',
      country: 'IN',
      tax_id: '29AAGCB7383J1Z4',
      tax_id_kind: 'gstin',
    });
    const page = await ada.browser.get(`/w/${ada.slug}/payments/${after.id}/invoice`).expect(200);
    expect(page.text).toContain('GSTIN 29AAGCB7383J1Z4');
    const old = await ada.browser.get(`/w/${ada.slug}/payments/${before.id}/invoice`).expect(200);
    expect(old.text).not.toContain('Northlight');
    const audit = await program.database.query(
      `select actor_kind, after from audit_events
       where workspace_id = $1 and action = 'billing_details.changed'`,
      [ada.workspace_id],
    );
    const changed = ['legal_name', 'address', 'country', 'tax_id', 'tax_id_kind'];
    expect(audit).toEqual([{ actor_kind: 'person', after: { changed } }]);
  });

  test.each([
    ['a tax id with a typing error', { tax_id: '29AAGCB7383J1Z5' }, 'Look for a typing error'],
    ['a tax id of another country', { country: 'DE' }, 'given by India only'],
    ['a tax id without a kind', { tax_id_kind: 'none' }, 'which kind'],
    ['no country', { country: 'XX' }, 'Choose a country'],
    ['no name', { legal_name: ' \u0000 ' }, 'Enter the name'],
    ['an address of a hundred lines', { address: 'x\n'.repeat(100) }, 'up to 6 lines'],
  ])('refuses %s, and shows again what was typed', async (_name, fields, said) => {
    const ada = await program.signUp();
    const answer = await keep(ada, { ...DETAILS, ...fields }).expect(422);
    expect(answer.text).toContain(said);
    expect(answer.text).toContain('value="29');
    expect(await stored(ada)).toBeUndefined();
  });

  test('is for owners and admins, and for nobody of another workspace', async () => {
    const [ada, eve] = [await program.signUp(), await program.signUp('Eve')];
    await program.database.query(`update memberships set role = 'member' where workspace_id = $1`, [
      ada.workspace_id,
    ]);
    await keep(ada, DETAILS).expect(403);
    await ada.browser.get(`/w/${ada.slug}/billing-details`).expect(403);
    await keep({ browser: eve.browser, slug: ada.slug }, DETAILS).expect(404);
    expect(await stored(ada)).toBeUndefined();
  });
});
