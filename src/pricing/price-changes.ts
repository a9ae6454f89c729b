import { sql } from 'kysely';
import type { PriceComponent, PriceRule } from '../core/price-rules.ts';
import { priceSentence } from '../core/price-sentences.ts';
import { newestVersion, quietMoments, versionAt } from '../core/versions.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Changed } from '../lib/changes.ts';
import { type Trx, enterWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { DecimalComponents, decimalComponents } from './decimal-rules.ts';
import { sameComponents, storedComponents, storedRule } from './stored-rules.ts';

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
  const scope = { operation, plan_id, workspace_id };
  const versions = await scopeVersions(trx, scope);
  const from = added.valid_from ?? row.now;
  // Whoever made it, it is one that can be shown and written by people.
  DecimalComponents.parse(decimalComponents(components));
  const made_by = added.made_by ?? madeBy(actor);
  const version = await insertVersion(trx, { ...scope, components, made_by }, added.valid_from);
  for (const moment of quietMoments(versions, from, saysTheSame)) {
    await insertVersion(trx, { ...scope, components, made_by }, moment);
  }
  const before = (versionAt(versions, from) ?? newestVersion(versions))?.components;
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor,
    action: 'price.changed',
    subject: { kind: 'operation', id: operation },
    ...(before === undefined ? {} : { before: { price: priceSentence(before) } }),
    after: {
      ...{ rule: version.id, version: version.version, valid_from: version.valid_from, plan_id },
      ...{ components: storedComponents(components), price: priceSentence(components) },
    },
    ...(added.reason === undefined ? {} : { reason: added.reason }),
    ...(added.origin === undefined ? {} : { origin: added.origin }),
  });
  return { id: version.id, operation, version: version.version, components };
}

/**
 * Adds the next version of a price, in view of the one before.
 * @returns `changed_meanwhile` when that is not the newest for whom it is
 * @throws AppError as `addVersion`
 */
export async function publishPrice(
  trx: Trx,
  made: NewVersion & { after_version: number },
): Promise<Changed> {
  const { operation, plan_id = null, workspace_id = null } = made;
  // Who comes second waits here, and sees what the first one has made.
  await sql`select from operations where code = ${operation} for update`.execute(trx);
  const versions = await scopeVersions(trx, { operation, plan_id, workspace_id });
  if ((newestVersion(versions)?.version ?? 0) !== made.after_version) return 'changed_meanwhile';
  await addVersion(trx, made);
  return 'changed';
}

interface Scope {
  operation: string;
  plan_id: string | null;
  workspace_id: string | null;
}

async function insertVersion(
  trx: Trx,
  made: Scope & Pick<PriceRule, 'components'> & { made_by: string },
  valid_from: Date | undefined,
) {
  const { operation, plan_id, workspace_id } = made;
  const { rows } = await sql<{ id: string; version: number; valid_from: Date }>`
    insert into price_rules
      (id, operation, plan_id, workspace_id, version, valid_from, components, made_by)
    select ${newId()}, ${operation}, ${plan_id}, ${workspace_id}, coalesce(max(version), 0) + 1,
      coalesce(${valid_from ?? null}::timestamptz, clock_timestamp()),
      ${storedComponents(made.components)}::jsonb, ${made.made_by}
    from price_rules where operation = ${operation}
      and plan_id is not distinct from ${plan_id}::uuid
      and workspace_id is not distinct from ${workspace_id}::uuid
    returning id, version, valid_from`.execute(trx);
  const [version] = rows;
  if (version === undefined) throw new Error('a version of a price was not made');
  return version;
}

async function scopeVersions(trx: Trx, { operation, plan_id, workspace_id }: Scope) {
  const rows = await trx
    .selectFrom('price_rules')
    .select(['id', 'operation', 'version', 'valid_from', 'components'])
    .where('operation', '=', operation)
    .where('plan_id', 'is not distinct from', plan_id)
    .where('workspace_id', 'is not distinct from', workspace_id)
    .execute();
  return rows.map((row) => ({ ...row, components: storedRule(row).components }));
}

type Priced = Pick<PriceRule, 'components'>;

/** Whether two versions of a price say the same; where there is none, one that ends it does. */
export function saysTheSame(before: Priced | undefined, after: Priced | undefined): boolean {
  return sameComponents(before?.components ?? [], after?.components ?? []);
}

function madeBy(actor: Actor): string {
  return actor.id === undefined ? actor.kind : `${actor.kind} ${actor.id}`;
}
