import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { NO_COMPONENTS, ONE_UNIT, type PriceComponent } from '../../src/core/price-rules.ts';
import type { Actor } from '../../src/lib/audit.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { addOperation, findOperation } from '../../src/pricing/price-book.ts';
import { makeQuote } from '../../src/pricing/quotes.ts';
import type { TestDatabase } from './database.ts';
import type { TestWallet } from './wallets.ts';

export const SELLER: Actor = { kind: 'system' };
export const PICO = 10n ** 12n;

/** One credit a unit, unless it is told otherwise. */
export function aComponent(more: Partial<PriceComponent> = {}): PriceComponent {
  return {
    code: 'unit',
    label: 'Unit',
    unit: 'unit',
    charge: 'per_unit',
    price_pico: PICO,
    ...more,
  };
}

/** An operation of its own, with the first version of its price. Returns its code. */
export async function newOperation(
  { connections }: Pick<TestDatabase, 'connections'>,
  components: readonly PriceComponent[] = [aComponent()],
): Promise<string> {
  const code = `work_${randomBytes(6).toString('hex')}`;
  const operation = { code, name: 'Work', description: '', unit: 'unit', position: 99 };
  await connections.app
    .transaction()
    .execute((trx) => addOperation(trx, { ...operation, components, made_by: 'test' }));
  return code;
}

/** A quote of one unit of a new operation, for five minutes. */
export async function newQuote(
  database: Pick<TestDatabase, 'connections'>,
  { id: wallet_id, workspace_id }: TestWallet,
): Promise<{ id: string; operation: string; rule_id: string }> {
  const operation = await newOperation(database);
  return inWorkspace(database.connections.app, workspace_id, async (trx) => {
    const rule_id = (await findOperation(trx, workspace_id, operation))?.rule.id ?? '';
    const measure = { operation, quantity: ONE_UNIT, components: NO_COMPONENTS };
    const whose = { workspace_id, wallet_id, made_by: newId() };
    const { id } = await makeQuote(trx, { ...whose, ...measure, rule_id, lock_seconds: 300 });
    return { id, operation, rule_id };
  });
}

const aPrice = fc.bigInt({ min: 0n, max: 3n * PICO });

const tiers = fc
  .record({
    mode: fc.constantFrom('graduated' as const, 'volume' as const),
    period: fc.constantFrom('day' as const, 'month' as const, 'all' as const),
    widths: fc.array(fc.bigInt({ min: 1n, max: 6n * ONE_UNIT }), { minLength: 1, maxLength: 3 }),
    prices: fc.array(aPrice, { minLength: 3, maxLength: 3 }),
  })
  .map(({ mode, period, widths, prices }) => {
    let up_to = 0n;
    const bands = widths.map((width, index) => {
      up_to += width;
      return { up_to, price_pico: prices[index] ?? 0n };
    });
    return { mode, period, bands };
  });

const shape = fc.oneof(
  fc.constant({ charge: 'flat' as const }),
  fc.record({ step: fc.constantFrom(ONE_UNIT, 60n * ONE_UNIT) }),
  fc.record({ minimum_pico: aPrice }),
  fc.constant({}),
);

/** The components of a price: up to three, of which the last may have tiers. */
export const someComponents: fc.Arbitrary<PriceComponent[]> = fc
  .record({
    plain: fc.array(fc.tuple(shape, aPrice), { minLength: 1, maxLength: 2 }),
    tiered: fc.option(tiers, { nil: undefined }),
  })
  .map(({ plain, tiered }) => [
    ...plain.map(([more, price_pico], index) =>
      aComponent({ ...more, code: `part_${index}`, price_pico }),
    ),
    ...(tiered === undefined ? [] : [aComponent({ code: 'tiered', tiers: tiered })]),
  ]);
