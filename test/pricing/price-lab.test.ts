import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/commands.ts';
import {
  NO_COMPONENTS,
  ONE_UNIT,
  type PriceRule,
  type Quantities,
} from '../../src/core/price-rules.ts';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { newId } from '../../src/lib/ids.ts';
import { type LabCustomer, tryPrice } from '../../src/pricing/price-lab.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { tries } from '../support/properties.ts';
import { PICO, aComponent, newOperation, someComponents } from '../support/random-prices.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const LONG_AGO = new Date('2020-01-01');

async function tryIn(wallet: TestWallet, rule: PriceRule): Promise<LabCustomer | undefined> {
  const order = { rule, from: LONG_AGO, wallet_id: wallet.id };
  return (await tryPrice(database.connections.staff, order))[0];
}

async function wealthyWallet(): Promise<TestWallet> {
  const wallet = await newWallet(database);
  await database.query(`update wallets set capture_above_hold = 'debit' where id = $1`, [
    wallet.id,
  ]);
  await ledger.execute(wallet.grant(1_000_000n));
  return wallet;
}

/** What a customer does, whatever it costs. */
interface Step {
  kind: 'debit' | 'hold' | 'capture' | 'release';
  quantity: bigint;
  measured: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'debit' as const,
      'hold' as const,
      'capture' as const,
      'release' as const,
    ),
    quantity: fc.bigInt({ min: 1n, max: 5n * ONE_UNIT }),
    measured: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

/** Does the same in a wallet by a price, and says what all of it was charged. */
async function use(wallet: TestWallet, made: readonly Step[], rule: PriceRule): Promise<bigint> {
  const holds: string[] = [];
  for (const { kind, quantity, measured } of made) {
    const components = measured ? new Map([['tiered', quantity / 2n]]) : NO_COMPONENTS;
    const usage = { quantity, rule, operation: rule.operation, components };
    await ledger.execute(commandOf(wallet, kind, holds, usage));
  }
  const [row] = await database.query<{ charged: string }>(
    `select coalesce(sum(amount), 0) as charged from entries
     where wallet_id = $1 and kind in ('debit', 'capture')`,
    [wallet.id],
  );
  return BigInt(row?.charged ?? 0);
}

function commandOf(
  wallet: TestWallet,
  kind: Step['kind'],
  holds: string[],
  usage: { quantity: bigint; rule: PriceRule; operation: string; components: Quantities },
): Command {
  const hold_id = kind === 'debit' || kind === 'hold' ? undefined : holds.pop();
  if (hold_id !== undefined && kind === 'release') return wallet.release(hold_id);
  if (hold_id !== undefined) return wallet.capture(hold_id, 1n, usage);
  if (kind !== 'hold') return wallet.debit(1n, usage);
  const made = newId();
  holds.push(made);
  return wallet.hold(1n, { ...usage, hold_id: made });
}

describe('the price lab', () => {
  test('comes to what the draft would have charged, for any prices and any use', async () => {
    await fc.assert(
      fc.asyncProperty(someComponents, someComponents, steps, async (now, draft, made) => {
        const operation = await newOperation(database, now);
        const rule = (components: PriceRule['components']): PriceRule => {
          const tiered = aComponent({ code: 'tiered' });
          const isTiered = components.some(({ code }) => code === 'tiered');
          const all = isTiered ? components : [...components, tiered];
          return { id: newId(), operation, version: 1, components: all };
        };
        const [real, other] = [await wealthyWallet(), await wealthyWallet()];
        const charged = await use(real, made, rule(now));
        const expected = await use(other, made, rule(draft));
        const tried = await tryIn(real, rule(draft));
        expect(tried).toMatchObject({ charged_micro: charged, draft_micro: expected });
      }),
      tries(15),
    );
  });

  test('says who would have run out, and at which use', async () => {
    const operation = await newOperation(database);
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(10n));
    const rule = { id: newId(), operation, version: 1, components: [aComponent()] };
    for (let index = 0; index < 4; index++) {
      await ledger.execute(wallet.debit(2n, { operation, rule }));
    }
    const by = (credits: bigint): PriceRule => {
      return { ...rule, components: [aComponent({ price_pico: credits * PICO })] };
    };
    const [third] = await database.query<{ at: string }>(
      `select (extract(epoch from at) * 1000000)::int8 as at from entries
       where wallet_id = $1 and seq = 4`,
      [wallet.id],
    );
    expect(await tryIn(wallet, by(2n))).toMatchObject({
      uses: 4,
      charged_micro: 8n * CREDIT,
      draft_micro: 16n * CREDIT,
      ran_out_at: BigInt(third?.at ?? 0),
    });
    expect(await tryIn(wallet, by(1n))).toMatchObject({ ran_out_at: null });
  });

  test('counts a corrected charge once, as what it should have been', async () => {
    const operation = await newOperation(database);
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(100n));
    const rule = { id: newId(), operation, version: 1, components: [aComponent()] };
    const wrong = wallet.debit(5n, { operation, rule });
    await ledger.execute(wrong);
    await ledger.execute({
      ...wrong,
      kind: 'correction',
      key: { namespace: 'test', key: 'right' },
      entry_seq: 2n,
      charged: { quantity: wrong.quantity, rule },
      quantity: 2n * ONE_UNIT,
      occurred_at: 0n,
    });
    const doubled = { ...rule, components: [aComponent({ price_pico: 2n * PICO })] };
    expect(await tryIn(wallet, doubled)).toMatchObject({
      uses: 1,
      charged_micro: 2n * CREDIT,
      draft_micro: 4n * CREDIT,
    });
  });

  test('leaves out test wallets, and customers who did not use it', async () => {
    const operation = await newOperation(database);
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(10n));
    await ledger.execute(wallet.debit(1n));
    const rule = { id: newId(), operation, version: 1, components: [aComponent()] };
    expect(await tryIn(wallet, rule)).toBeUndefined();
    await ledger.execute(wallet.debit(1n, { operation, rule }));
    expect(await tryIn(wallet, rule)).toMatchObject({ uses: 1 });
    await database.query('update wallets set livemode = false where id = $1', [wallet.id]);
    expect(await tryIn(wallet, rule)).toBeUndefined();
  });
});
