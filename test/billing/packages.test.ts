import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freeAmountContent } from '../../src/billing/free-amounts.ts';
import { addPackage, changePackage, packageVersions } from '../../src/billing/package-versions.ts';
import { addCatalogueItem } from '../../src/lib/catalogue-versions.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { press } from '../support/forms.ts';
import { control } from '../support/purchases.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
  await program.database.connections.app.transaction().execute(async (trx) => {
    await addPackage(trx, {
      code: 'abroad',
      name: 'Abroad',
      credits_micro: 1_000_000_000n,
      bonus_micro: 0n,
      expires_after_days: 30,
      bonus_expires_after_days: null,
      popular: false,
      position: 9,
      prices: [
        { currency: 'JPY', price_minor: 15_000n },
        { currency: 'KWD', price_minor: 30_120n },
        { currency: 'ISK', price_minor: 1_400_000n },
      ],
      made_by: 'test',
    });
    await addCatalogueItem(trx, {
      ...{ kind: 'own_amount', code: 'JPY', active: true, made_by: 'test' },
      content: freeAmountContent({
        currency: 'JPY',
        minimum_minor: 1_000n,
        maximum_minor: 100_000n,
        price_per_credit_micro: 16_000_000n,
        expires_after_days: null,
      }),
    });
  });
});
afterAll(() => program.stop());

function buy(customer: Customer, fields: Record<string, string>) {
  const order = { nonce: randomUUID(), ...fields };
  return customer.browser.post(`/w/${customer.slug}/buy`).type('form').send(order);
}

async function ordersOf(customer: Customer): Promise<string[]> {
  const rows = await program.database.query<{ found: string }>(
    `select concat_ws(' ', catalogue->>'package', subtotal_minor, currency, catalogue->>'credits_micro') as found
     from payments where workspace_id = $1 order by created_at, id`,
    [customer.workspace_id],
  );
  return rows.map(({ found }) => found);
}

/** Buys, pays, and waits for the credits. What Stripe was asked for is what was ordered. */
async function paidFor(customer: Customer, fields: Record<string, string>): Promise<bigint> {
  const before = await customer.available();
  const answer = await buy(customer, fields).expect(303);
  const session = String(answer.headers['location']).split('/').at(-1) ?? '';
  await control(program, `/sessions/${session}/pay`, {});
  await expect.poll(() => customer.available()).not.toBe(before);
  return (await customer.available()) - before;
}

describe('packages in several currencies', () => {
  test('the page shows the own currency first, and any other by a link', async () => {
    const ada = await program.signUp();
    const own = await ada.browser.get(`/w/${ada.slug}/buy`).expect(200);
    expect(own.text).toContain('$45.00');
    expect(own.text).toMatch(/<strong aria-current="true">USD<\/strong>[^]*currency=INR/);
    expect(own.text).not.toContain('Abroad');
    const rupees = await ada.browser.get(`/w/${ada.slug}/buy?currency=INR`).expect(200);
    expect(rupees.text).toContain('₹3,799.00');
    expect(rupees.text).toContain('₹6.9073 each');
    expect(hiddenField(rupees.text, 'currency')).toBe('INR');
    const nowhere = await ada.browser.get(`/w/${ada.slug}/buy?currency=QQQ`).expect(200);
    expect(hiddenField(nowhere.text, 'currency')).toBe('USD');
  });

  test.each([
    ['INR', 'starter', '84900', 100_000_000n],
    ['JPY', 'abroad', '15000', 1_000_000_000n],
    ['KWD', 'abroad', '30120', 1_000_000_000n],
    ['ISK', 'abroad', '1400000', 1_000_000_000n],
  ])('a package is paid for in %s, to its minor unit', async (currency, code, price, credits) => {
    const ada = await program.signUp();
    expect(await paidFor(ada, { package: code, currency })).toBe(credits);
    expect(await ordersOf(ada)).toEqual([`${code} ${price} ${currency} ${credits}`]);
    const lots = await program.database.query(
      `select l.cost_minor::text, l.currency from lots l join payments p on p.id = l.payment_id
       where p.workspace_id = $1`,
      [ada.workspace_id],
    );
    expect(lots).toEqual([{ cost_minor: price, currency }]);
  });

  test('what is not on sale in a currency, or not any more, is refused with an old form too', async () => {
    const ada = await program.signUp();
    await buy(ada, { package: 'abroad', currency: 'USD' }).expect(422);
    await buy(ada, { package: 'starter', currency: 'usd' }).expect(422);
    await buy(ada, { package: 'starter', currency: 'EUR' }).expect(422);
    const { app, staff } = program.database.connections;
    const [business] = await packageVersions(staff, 'business');
    if (business === undefined) throw new Error('the package is missing');
    const by = { actor: { kind: 'system' }, made_by: 'test', reason: 'Retired' } as const;
    await app
      .transaction()
      .execute((trx) =>
        changePackage(trx, 'business', { ...business, active: false }, { after_version: 1, by }),
      );
    const answer = await buy(ada, { package: 'business' }).expect(422);
    expect(answer.text).toContain('not on sale any more');
    expect(answer.text).not.toContain('value="business"');
    expect(await ordersOf(ada)).toEqual([]);
  });

  test('what cannot be paid is not put on sale', async () => {
    const { app } = program.database.connections;
    const made = { bonus_micro: 0n, popular: false, position: 1, made_by: 'test' };
    const forGood = { expires_after_days: null, bonus_expires_after_days: null };
    const add = (code: string, currency: string, price_minor: bigint) =>
      app.transaction().execute((trx) =>
        addPackage(trx, {
          ...{ ...made, ...forGood, code, name: code, credits_micro: 1n },
          prices: [{ currency, price_minor }],
        }),
      );
    await expect(add('fils', 'KWD', 1_005n)).rejects.toThrow('cannot be paid');
    await expect(add('aurar', 'ISK', 150n)).rejects.toThrow('cannot be paid');
    await expect(add('nothing', 'USD', 0n)).rejects.toThrow('cannot be paid');
    await expect(add('nowhere', 'QQQ', 100n)).rejects.toThrow('no currency');
    await expect(add('own', 'USD', 100n)).rejects.toThrow('packages_leave_own_to_free_amounts');
  });
});

describe('an amount of the buyer’s own choice', () => {
  test('is paid for to the cent, and makes credits rounded down', async () => {
    const ada = await program.signUp();
    expect(await paidFor(ada, { package: 'own', amount: '25.50' })).toBe(255_000_000n);
    expect(await paidFor(ada, { package: 'own', amount: ' 1000 ', currency: 'INR' })).toBe(
      117_647_058n,
    );
    expect(await paidFor(ada, { package: 'own', amount: '1000', currency: 'JPY' })).toBe(
      62_500_000n,
    );
    expect(await ordersOf(ada)).toEqual([
      'own 2550 USD 255000000',
      'own 100000 INR 117647058',
      'own 1000 JPY 62500000',
    ]);
  });

  test('attack 16: what is no amount, or outside of the limits, is refused with a sentence at the field', async () => {
    const ada = await program.signUp();
    const refused = async (amount: string, sentence: string, currency = 'USD') => {
      const answer = await buy(ada, { package: 'own', amount, currency }).expect(422);
      expect(answer.text, amount).toMatch(new RegExp(`id="f-amount-error">[^]*${sentence}`));
      expect(answer.text).toContain('aria-invalid="true"');
    };
    for (const amount of ['1e3', '-5', 'NaN', '10,00', '', '5.001', '1e400', '0x20']) {
      await refused(amount, 'in digits, as in 5.00');
    }
    await refused('0', 'The least you can buy for is \\$5.00');
    await refused('4.99', 'The least you can buy for is \\$5.00');
    await refused('500.01', 'The most you can buy for at once is \\$500.00');
    await refused('999999999999999', 'The most you can buy for');
    await refused('1000.5', 'in digits, as in 1000', 'JPY');
    await ada.browser
      .post(`/w/${ada.slug}/buy`)
      .type('form')
      .send(`package=own&amount=10&amount=20&nonce=${randomUUID()}`)
      .expect(422);
    await buy(ada, { package: 'own', amount: '10', currency: 'KWD' }).expect(422);
    expect(await ordersOf(ada)).toEqual([]);
  });

  test('one form with two amounts is two orders, with the same one it is one', async () => {
    const ada = await program.signUp();
    const nonce = randomUUID();
    for (const amount of ['10', '10.00', '20']) {
      await buy(ada, { package: 'own', amount, nonce }).expect(303);
    }
    expect(await ordersOf(ada)).toEqual(['own 1000 USD 100000000', 'own 2000 USD 200000000']);
  });

  test('is not offered where the seller does not allow it', async () => {
    const ada = await program.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/buy?currency=KWD`).expect(200);
    expect(page.text).not.toContain('Another amount');
    const admin = await staffBrowser(program, 'admin');
    await press(admin, '/admin/catalogue/own-amounts/INR', 'Save the change', {
      ...{ active: '', reason: 'Not any more' },
    });
    const answer = await buy(ada, { package: 'own', amount: '1000', currency: 'INR' }).expect(422);
    expect(answer.text).toContain('Choose a package');
  });
});
