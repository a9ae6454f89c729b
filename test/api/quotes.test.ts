import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ONE_UNIT, QUANTITY_DECIMALS } from '../../src/core/price-rules.ts';
import { shortestDecimal } from '../../src/core/decimal.ts';
import { setBudget } from '../../src/ledger/budgets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { addVersion } from '../../src/pricing/price-changes.ts';
import { type TestCustomer, bodyOf, newCustomer, newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { tries } from '../support/properties.ts';
import {
  PICO,
  SELLER,
  aComponent,
  newOperation,
  someComponents,
} from '../support/random-prices.ts';
import { CREDIT } from '../support/wallet-states.ts';

let program: TestProgram;
let service: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  service = await newKey(program);
});
afterAll(() => program.stop());

async function post(path: string, body: object, key?: string): Promise<Record<string, unknown>> {
  const answer = await send(program, service, path, body, key);
  return { ...bodyOf(answer), status: answer.status };
}

/** What the tables of the ledger have of a customer. */
async function written(customer: TestCustomer): Promise<unknown> {
  return program.database.query(
    `select (select count(*) from entries where wallet_id = $1)::int as entries,
       (select count(*) from counters where wallet_id = $1)::int as counters,
       (select last_seq from wallets where id = $1) as last_seq`,
    [customer.wallet_id],
  );
}

async function raise(operation: string, credits: bigint): Promise<void> {
  const components = [aComponent({ price_pico: credits * PICO })];
  await program.database.connections.app
    .transaction()
    .execute((trx) => addVersion(trx, { operation, components, actor: SELLER }));
}

describe('POST /api/v1/quotes', () => {
  test('says what it would cost, by which price, and what would be left; and writes nothing', async () => {
    const ada = await newCustomer(program, 10n);
    const before = await written(ada);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '2' };
    const quote = await post('/quotes', order);
    expect(quote).toMatchObject({
      ...{ status: 200, wallet: ada.wallet_id, customer: ada.external_id, allowed: true },
      ...{ amount: '6', available: '10', available_after: '4' },
      rule: { version: 1 },
      lines: [{ quantity: '2', price: '3', amount: '6' }],
    });
    expect(quote['quote']).toBeUndefined();
    expect(await post('/debits', { ...order, dry_run: true })).toEqual(quote);
    expect(await written(ada)).toEqual(before);
  });

  test('says the refusal that it would meet, and the price all the same', async () => {
    const ada = await newCustomer(program, 5n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '2' };
    expect(await post('/quotes', order)).toMatchObject({
      ...{ status: 200, allowed: false, amount: '6', available: '5', available_after: '5' },
      refusal: { status: 402, code: 'insufficient_credits', required: '6', missing: '1' },
    });
    await inWorkspace(program.database.connections.app, ada.workspace_id, (trx) =>
      setBudget(trx, ada.wallet_id, {
        ...{ of: { operation: 'image.generate' }, period: 'all', hard: true },
        limit_amount: 2n * CREDIT,
      }),
    );
    const one = await post('/quotes', { ...order, quantity: '1' });
    expect(one).toMatchObject({ allowed: false, refusal: { code: 'budget_reached', limit: '2' } });
    const part = await post('/quotes', { ...order, allow_partial: true });
    expect(part).toMatchObject({ allowed: true, amount: '2', list_amount: '6' });
    const none = await post('/quotes', { ...order, operation: 'no.such' });
    expect(none).toMatchObject({ rule: null, lines: [], refusal: { code: 'operation_unknown' } });
  });

  test('is what is charged, to the micro-credit and line by line, for any price and quantities', async () => {
    const quantity = fc.bigInt({ min: 1n, max: 4n * ONE_UNIT });
    const uses = fc.array(quantity, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(someComponents, uses, async (components, quantities) => {
        const operation = await newOperation(program.database, components);
        const ada = await newCustomer(program, 1_000n);
        for (const used of quantities) {
          const order = {
            ...{ customer: ada.external_id, operation },
            quantity: shortestDecimal(used, QUANTITY_DECIMALS),
          };
          const quote = await post('/quotes', order);
          const debit = await post('/debits', order);
          expect(quote['amount']).toBe(debit['amount']);
          expect(quote['available_after']).toBe(debit['available']);
          const [entry] = await program.database.query<{ lines: Record<string, string>[] }>(
            'select lines from entries where wallet_id = $1 and seq = $2',
            [ada.wallet_id, debit['entry']],
          );
          const inMicro = (amount: unknown) => Number(amount) * Number(CREDIT);
          const quoted = quote['lines'] as { component: string; amount: string }[];
          expect(quoted.map((line) => [line.component, Math.round(inMicro(line.amount))])).toEqual(
            entry?.lines.map((line) => [line['code'], Number(line['amount'])]),
          );
        }
      }),
      tries(12),
    );
  });

  test('is of what counts by then: what a hold that has lapsed gives back is there', async () => {
    const ada = await newCustomer(program, 10n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '3' };
    expect(await post('/holds', { ...order, ttl_seconds: 1 })).toMatchObject({ available: '1' });
    await vi.waitFor(async () => {
      expect(await post('/quotes', order)).toMatchObject({ allowed: true, available: '10' });
    }, 20_000);
    expect(await ada.stored()).toEqual([1, 9, 0]);
  });

  test('refuses what cannot be read, each field by its name', async () => {
    const ada = await newCustomer(program, 1n);
    const order = { customer: ada.external_id, operation: 'image.generate', quantity: '1' };
    for (const [field, value] of [
      ...['0', '-1', 1, '1e400', 'NaN'].map((wrong) => ['quantity', wrong] as const),
      ...[0, 601, '60', 1.5].map((wrong) => ['lock_seconds', wrong] as const),
      ['unknown', 1] as const,
    ]) {
      const answer = await post('/quotes', { ...order, [field]: value });
      expect(answer).toMatchObject({ status: 400, errors: [{ field }] });
    }
  });
});

describe('a quote that locks a price', () => {
  const order = (ada: TestCustomer, operation: string, quantity = '2') => ({
    customer: ada.external_id,
    operation,
    quantity,
  });

  async function locked(): Promise<{ ada: TestCustomer; operation: string; quote: unknown }> {
    const operation = await newOperation(program.database);
    const ada = await newCustomer(program, 100n);
    const made = await post('/quotes', { ...order(ada, operation), lock_seconds: 300 });
    expect(made['expires_at']).toMatch(/Z$/);
    await raise(operation, 9n);
    return { ada, operation, quote: made['quote'] };
  }

  test('is charged after the price has changed, and the same request again is the first answer', async () => {
    const { ada, operation, quote } = await locked();
    const debit = { ...order(ada, operation), quote };
    const first = await post('/debits', debit, 'with the quote');
    expect(first).toMatchObject({ status: 201, amount: '2' });
    expect(await post('/debits', debit, 'with the quote')).toEqual(first);
    await program.database.query(
      `update quotes set created_at = '2026-01-01', expires_at = '2026-01-02' where id = $1`,
      [quote],
    );
    expect(await post('/debits', debit, 'with the quote')).toEqual(first);
    expect(await ada.stored()).toEqual([98, 0, 0]);
  });

  test('is the price of a hold too, and of less than was quoted', async () => {
    const { ada, operation, quote } = await locked();
    const hold = { ...order(ada, operation, '1.5'), quote, ttl_seconds: 60 };
    expect(await post('/holds', hold)).toMatchObject({ status: 201, amount: '1.5', held: '1.5' });
  });

  test('of two requests at once is charged once', async () => {
    const { ada, operation, quote } = await locked();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post('/debits', { ...order(ada, operation), quote })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)).toMatchObject({ code: 'quote_used' });
    expect(await ada.stored()).toEqual([98, 0, 0]);
  });

  test('stays with the request that brought it first, when there were too few credits', async () => {
    const operation = await newOperation(program.database);
    const ada = await newCustomer(program, 1n);
    const made = await post('/quotes', { ...order(ada, operation), lock_seconds: 300 });
    expect(made).toMatchObject({ allowed: false });
    const debit = { ...order(ada, operation), quote: made['quote'] };
    expect(await post('/debits', debit, 'poor')).toMatchObject({ status: 402 });
    await program.ledger.execute({
      ...{ kind: 'grant', wallet_id: ada.wallet_id, amount_micro: 5n * CREDIT },
      ...{ source: 'purchase', expires_at: null, asked: { actor_kind: 'system' } },
      key: { namespace: 'test', key: 'more' },
    });
    expect(await post('/debits', debit, 'another')).toMatchObject({ code: 'quote_used' });
    expect(await post('/debits', debit, 'poor')).toMatchObject({ status: 201, amount: '2' });
  });

  test('of another customer, for another operation, for less or expired charges nothing', async () => {
    const { ada, operation, quote } = await locked();
    const eve = await newCustomer(program, 100n);
    const other = await newOperation(program.database);
    const refused = [
      [{ ...order(eve, operation), quote }, 404, 'not_found'],
      [{ ...order(ada, other), quote }, 422, 'quote_does_not_fit'],
      [{ ...order(ada, operation, '2.000001'), quote }, 422, 'quote_does_not_fit'],
      [
        { ...order(ada, operation), quote, components: { unit: '2.000001' } },
        422,
        'quote_does_not_fit',
      ],
      [{ ...order(ada, operation), quote: 'mine' }, 400, 'invalid_request'],
      [{ ...order(ada, operation), quote, dry_run: true }, 400, 'invalid_request'],
    ] as const;
    for (const [debit, status, code] of refused) {
      expect(await post('/debits', debit)).toMatchObject({ status, code });
    }
    await program.database.query(
      `update quotes set created_at = '2026-01-01', expires_at = '2026-01-02' where id = $1`,
      [quote],
    );
    const late = await post('/debits', { ...order(ada, operation), quote });
    expect(late).toMatchObject({ status: 422, code: 'quote_expired' });
    expect([await ada.stored(), await eve.stored()]).toEqual([
      [100, 0, 0],
      [100, 0, 0],
    ]);
  });

  test('stands for another request under the same key than none does', async () => {
    const { ada, operation, quote } = await locked();
    await post('/debits', { ...order(ada, operation), quote }, 'one key');
    const without = await post('/debits', order(ada, operation), 'one key');
    expect(without).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });
});
