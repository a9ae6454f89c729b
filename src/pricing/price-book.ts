import { sql } from 'kysely';
import { z } from 'zod';
import { PERIODS } from '../core/periods.ts';
import type { PriceComponent, PriceRule, Tiers } from '../core/price-rules.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** Something that costs credits, with the version of its rule that holds now. */
export interface PricedOperation {
  code: string;
  name: string;
  description: string;
  unit: string;
  rule: PriceRule;
}

/**
 * The operations that a workspace may use and what each costs it now: its own rule where it has
 * one, else the general one; of each the newest version that is valid. In the seller's order.
 */
export async function pricedOperations(db: Db, workspaceId: string): Promise<PricedOperation[]> {
  const found = await operationsWithRules(db, workspaceId)
    .orderBy('o.position')
    .orderBy('o.code')
    .execute();
  return found.map(pricedOperation);
}

/** One operation by its code, priced as `pricedOperations` does; undefined when it is not on sale. */
export async function findOperation(
  db: Db,
  workspaceId: string,
  code: string,
): Promise<PricedOperation | undefined> {
  const row = await operationsWithRules(db, workspaceId)
    .where('o.code', '=', code)
    .executeTakeFirst();
  return row === undefined ? undefined : pricedOperation(row);
}

/** The names and units of all operations, also of those that are no longer on sale. */
export async function operationNames(db: Db): Promise<Map<string, { name: string; unit: string }>> {
  const found = await db.selectFrom('operations').select(['code', 'name', 'unit']).execute();
  return new Map(found.map(({ code, ...rest }) => [code, rest]));
}

export interface NewOperation {
  code: string;
  name: string;
  description: string;
  unit: string;
  position: number;
  components: readonly PriceComponent[];
  made_by: string;
}

/**
 * Adds an operation with the first version of its rule. Leaves one alone that is there already.
 * @returns whether it was added
 */
export async function addOperation(trx: Trx, operation: NewOperation): Promise<boolean> {
  const { components, ...row } = operation;
  const added = await trx
    .insertInto('operations')
    .values(row)
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('code')
    .executeTakeFirst();
  if (added === undefined) return false;
  await trx
    .insertInto('price_rules')
    .values({
      id: newId(),
      operation: operation.code,
      version: 1,
      valid_from: sql<Date>`now()`,
      components: storedComponents(components),
      made_by: operation.made_by,
    })
    .execute();
  return true;
}

function operationsWithRules(db: Db, workspaceId: string) {
  return db
    .selectFrom('operations as o')
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('price_rules as r')
          .select(['r.id', 'r.version', 'r.components'])
          .whereRef('r.operation', '=', 'o.code')
          .where('r.plan_id', 'is', null)
          .where((rule) =>
            rule.or([rule('r.workspace_id', 'is', null), rule('r.workspace_id', '=', workspaceId)]),
          )
          .where('r.valid_from', '<=', sql<Date>`now()`)
          .orderBy('r.workspace_id', (order) => order.asc().nullsLast())
          .orderBy('r.version', 'desc')
          .limit(1)
          .as('rule'),
      (join) => join.onTrue(),
    )
    .select(['o.code', 'o.name', 'o.description', 'o.unit'])
    .select(['rule.id as rule_id', 'rule.version', 'rule.components'])
    .where('o.active', '=', true);
}

type OperationRow = Awaited<ReturnType<ReturnType<typeof operationsWithRules>['execute']>>[number];

function pricedOperation(row: OperationRow): PricedOperation {
  const { code, name, description, unit, version, components } = row;
  const rule = storedRule({ id: row.rule_id, operation: code, version, components });
  return { code, name, description, unit, rule };
}

/** A version of a price rule, from its row. */
export function storedRule(
  row: Omit<PriceRule, 'components'> & { components: unknown },
): PriceRule {
  return { ...row, components: StoredComponents.parse(row.components) };
}

const wholeNumber = z.string().regex(/^\d+$/).transform(BigInt);

const StoredTiers = z
  .object({
    period: z.enum(PERIODS),
    mode: z.enum(['graduated', 'volume']),
    bands: z.array(z.object({ up_to: wholeNumber, price: wholeNumber })).min(1),
  })
  .refine(
    ({ bands }) => bands.every(({ up_to }, index) => up_to > (bands[index - 1]?.up_to ?? 0n)),
    {
      error: 'tiers rise',
    },
  )
  .transform(({ bands, ...rest }): Tiers => {
    return { ...rest, bands: bands.map(({ up_to, price }) => ({ up_to, price_pico: price })) };
  });

const StoredComponents = z
  .array(
    z
      .object({
        code: z.string(),
        label: z.string(),
        unit: z.string(),
        charge: z.enum(['flat', 'per_unit']),
        price: wholeNumber,
        step: wholeNumber.optional(),
        tiers: StoredTiers.optional(),
      })
      .refine(({ charge, tiers }) => tiers === undefined || charge === 'per_unit', {
        error: 'what is charged once has no tiers',
      })
      .transform(({ price, step, tiers, ...rest }): PriceComponent => {
        return {
          ...rest,
          price_pico: price,
          ...(step === undefined ? {} : { step }),
          ...(tiers === undefined ? {} : { tiers }),
        };
      }),
  )
  .min(1);

/** Written as it is read: a rule that could not be read back is refused here. */
function storedComponents(components: readonly PriceComponent[]): string {
  const stored = components.map(({ price_pico, step, tiers, ...rest }) => ({
    ...rest,
    price: String(price_pico),
    ...(step === undefined ? {} : { step: String(step) }),
    ...(tiers === undefined ? {} : { tiers: storedTiers(tiers) }),
  }));
  StoredComponents.parse(stored);
  return JSON.stringify(stored);
}

function storedTiers({ bands, ...rest }: Tiers): Record<string, unknown> {
  return {
    ...rest,
    bands: bands.map(({ up_to, price_pico }) => ({
      up_to: String(up_to),
      price: String(price_pico),
    })),
  };
}
