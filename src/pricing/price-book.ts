import { type RawBuilder, sql } from 'kysely';
import { instantOf } from '../core/instant.ts';
import type { PriceComponent, PriceRule } from '../core/price-rules.ts';
import { priceSentence } from '../core/price-sentences.ts';
import {
  type PriceScope,
  type PriceVersion,
  priceAt,
  pricesAfter,
} from '../core/price-versions.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import { type Db, type Trx, enterWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { DecimalComponents, decimalComponents } from './decimal-rules.ts';
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
    const upcoming = pricesAfter(known, at);
    if (price === undefined && upcoming.length === 0) return [];
    return [{ code: first.code, name, description, unit, price, upcoming }];
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

export interface NewVersion {
  operation: string;
  /** For whom: one customer, or those of a plan; everybody else where neither is named. */
  workspace_id?: string;
  plan_id?: string;
  /** None: the price ends, and what holds is the plan's or the general one again, if any. */
  components: readonly PriceComponent[];
  /** When it begins: now when absent, and never in the past. */
  valid_from?: Date;
  actor: Actor;
  reason?: string;
  origin?: Origin;
  /** As it stands with the version, where it is not the actor. */
  made_by?: string;
}

/**
 * Adds the next version of a price. What was charged by others before stays as it is, and so do they.
 * The transaction names the workspace from here on, where it is a customer's own price.
 * @throws AppError 422 `operation_unknown`, `price_in_the_past`
 */
export async function addVersion(trx: Trx, added: NewVersion): Promise<PriceRule> {
  const { operation, workspace_id = null, plan_id = null, components, actor } = added;
  if (workspace_id !== null) await enterWorkspace(trx, workspace_id);
  // Two at once take their numbers one after the other.
  const locked = await sql<{ now: Date }>`
    select clock_timestamp() as now from operations where code = ${operation} for update`.execute(
    trx,
  );
  const [row] = locked.rows;
  if (row === undefined) {
    throw new AppError(
      422,
      'operation_unknown',
      'There is no such operation. Nothing was changed.',
    );
  }
  if (added.valid_from !== undefined && added.valid_from < row.now) {
    throw new AppError(
      422,
      'price_in_the_past',
      'A price begins now or later, so that what was charged stays explained. Nothing was changed.',
    );
  }
  const before = await newestComponents(trx, { operation, plan_id, workspace_id });
  const id = newId();
  // Whoever made it, it is one that can be shown and written by people.
  DecimalComponents.parse(decimalComponents(components));
  const stored = storedComponents(components);
  const made = await sql<{ version: number; valid_from: Date }>`
    insert into price_rules
      (id, operation, plan_id, workspace_id, version, valid_from, components, made_by)
    select ${id}, ${operation}, ${plan_id}, ${workspace_id}, coalesce(max(version), 0) + 1,
      coalesce(${added.valid_from ?? null}::timestamptz, clock_timestamp()),
      ${stored}::jsonb, ${added.made_by ?? madeBy(actor)}
    from price_rules where operation = ${operation}
      and plan_id is not distinct from ${plan_id}::uuid
      and workspace_id is not distinct from ${workspace_id}::uuid
    returning version, valid_from`.execute(trx);
  const [version] = made.rows;
  if (version === undefined) throw new Error('a version of a price was not made');
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor,
    action: 'price.changed',
    subject: { kind: 'operation', id: operation },
    ...(before === undefined ? {} : { before: { price: priceSentence(before) } }),
    after: {
      ...{ rule: id, ...version, plan_id, components: stored },
      price: priceSentence(components),
    },
    ...(added.reason === undefined ? {} : { reason: added.reason }),
    ...(added.origin === undefined ? {} : { origin: added.origin }),
  });
  return { id, operation, version: version.version, components };
}

/** Of the version that was made last for the same ones; undefined when there is none. */
async function newestComponents(
  trx: Trx,
  scope: { operation: string; plan_id: string | null; workspace_id: string | null },
): Promise<PriceRule['components'] | undefined> {
  const row = await trx
    .selectFrom('price_rules')
    .select(['id', 'operation', 'version', 'components'])
    .where('operation', '=', scope.operation)
    .where('plan_id', 'is not distinct from', scope.plan_id)
    .where('workspace_id', 'is not distinct from', scope.workspace_id)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && storedRule(row).components;
}

function madeBy(actor: Actor): string {
  return actor.id === undefined ? actor.kind : `${actor.kind} ${actor.id}`;
}
