import { type RawBuilder, sql } from 'kysely';
import { instantOf } from '../core/instant.ts';
import type { PriceComponent, PriceRule } from '../core/price-rules.ts';
import {
  type PriceScope,
  type PriceVersion,
  priceAt,
  pricesAfter,
} from '../core/price-versions.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { saysTheSame } from './price-changes.ts';
import { storedComponents, storedRule } from './stored-rules.ts';

export interface Operation {
  code: string;
  name: string;
  description: string;
  unit: string;
}

/** Something that costs credits, with the version of its rule that holds now. */
export interface PricedOperation extends Operation {
  rule: PriceRule;
}

/** An operation with the price that holds for a customer now, and those that will. */
export interface OperationPrices extends Operation {
  price: PriceVersion | undefined;
  upcoming: ReturnType<typeof pricesAfter>;
}

/**
 * The operations that a workspace may use and what each costs it now: by its own rule, else its
 * plan's, else the general one; of each the version that began last. In the seller's order.
 */
export async function pricedOperations(db: Db, workspaceId: string): Promise<PricedOperation[]> {
  const found = await operationPrices(db, workspaceId);
  return found.flatMap(pricedNow);
}

/** One operation by its code, priced as `pricedOperations` does; undefined when it is not on sale. */
export async function findOperation(
  db: Db,
  workspaceId: string,
  code: string,
): Promise<PricedOperation | undefined> {
  const found = await operationPrices(db, workspaceId, code);
  return found.flatMap(pricedNow)[0];
}

function pricedNow({ price, ...operation }: OperationPrices): PricedOperation[] {
  const { code, name, description, unit } = operation;
  return price === undefined ? [] : [{ code, name, description, unit, rule: price }];
}

/**
 * What each operation costs a workspace now and will cost it: all that are on sale, or one by its
 * code. One of which no price holds yet, but will, is among them.
 */
export async function operationPrices(
  db: Db,
  workspaceId: string,
  code?: string,
): Promise<OperationPrices[]> {
  const { rows } = await sql<VersionRow>`
    select o.code, o.name, o.description, o.unit, r.id, r.version, r.components, r.valid_from,
      now() as now, case when r.workspace_id is not null then 'customer'
        when r.plan_id is not null then 'plan' else 'general' end as scope
    from operations o join price_rules r on r.operation = o.code
    where o.active and (${code ?? null}::text is null or o.code = ${code ?? null})
      and (r.workspace_id = ${workspaceId} or (r.workspace_id is null and (
        r.plan_id is null or r.plan_id = (${planOf(workspaceId)}))))
      and not exists (
        select from price_rules newer
        where newer.operation = r.operation and newer.plan_id is not distinct from r.plan_id
          and newer.workspace_id is not distinct from r.workspace_id and newer.valid_from <= now()
          and (newer.valid_from, newer.version) > (r.valid_from, r.version))
    order by o.position, o.code`.execute(db);
  return [...Map.groupBy(rows, (row) => row.code).values()].flatMap((versions) => {
    const [first] = versions;
    if (first === undefined) return [];
    const { name, description, unit, now } = first;
    const known = versions.map(versionOf);
    const at = instantOf(now);
    const price = priceAt(known, at);
    const upcoming = changesIn(pricesAfter(known, at), price);
    if (price === undefined && upcoming.length === 0) return [];
    return [{ code: first.code, name, description, unit, price, upcoming }];
  });
}

/** Without those that were withdrawn: what begins then is what holds before. */
function changesIn(upcoming: OperationPrices['upcoming'], now: PriceVersion | undefined) {
  let before = now;
  return upcoming.filter(({ price }) => {
    const isQuiet = price?.scope === before?.scope && saysTheSame(before, price);
    before = price;
    return !isQuiet;
  });
}

interface VersionRow extends Operation {
  id: string;
  version: number;
  components: unknown;
  valid_from: Date;
  scope: PriceScope;
  now: Date;
}

function versionOf({ id, code, version, components, valid_from, scope }: VersionRow): PriceVersion {
  const rule = storedRule({ id, operation: code, version, components });
  return { ...rule, scope, valid_from: instantOf(valid_from) };
}

/** The plan that a workspace is on; of several the one it took last. */
export function planOf(workspaceId: string): RawBuilder<{ plan_id: string }> {
  return sql`
    select plan_id from subscriptions where workspace_id = ${workspaceId}
      and status in ('trialing', 'active', 'past_due') order by created_at desc, id desc limit 1`;
}

/** The names and units of all operations, also of those that are no longer on sale. */
export async function operationNames(db: Db): Promise<Map<string, { name: string; unit: string }>> {
  const found = await db.selectFrom('operations').select(['code', 'name', 'unit']).execute();
  return new Map(found.map(({ code, ...rest }) => [code, rest]));
}

export interface NewOperation extends Operation {
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
