import { sql } from 'kysely';
import type { PriceRule } from '../core/price-rules.ts';
import type { PriceScope } from '../core/price-versions.ts';
import { type Change, type Changed, type Told, auditChange } from '../lib/changes.ts';
import type { Db, Trx } from '../lib/database.ts';
import type { Operation } from './price-book.ts';
import { storedRule } from './stored-rules.ts';

/** What an operation is called, and whether it is on sale; its prices are versions of their own. */
export interface OperationWording extends Operation {
  position: number;
  active: boolean;
}

export interface StoredOperation extends OperationWording {
  /** Counts its changes. */
  version: number;
  made_by: string;
  created_at: Date;
}

/** All operations, in the seller's order, or one by its code. */
export async function storedOperations(db: Db, code?: string): Promise<StoredOperation[]> {
  let query = db
    .selectFrom('operations')
    .select(['code', 'name', 'description', 'unit', 'position', 'active', 'version'])
    .select(['made_by', 'created_at'])
    .orderBy('position')
    .orderBy('code');
  if (code !== undefined) query = query.where('code', '=', code);
  return query.execute();
}

/**
 * Changes what an operation is called, at once. What was charged before is called so too.
 * @returns `changed_meanwhile` when the version that the change comes after is not the newest
 */
export async function changeOperation(
  trx: Trx,
  { code, ...wording }: OperationWording,
  change: Omit<Change, 'valid_from'>,
): Promise<Changed> {
  const [before] = await storedOperations(trx, code);
  const changed = await trx
    .updateTable('operations')
    .set({
      ...wording,
      version: change.after_version + 1,
      made_by: change.by.made_by,
      updated_at: sql<Date>`now()`,
    })
    .where('code', '=', code)
    .where('version', '=', change.after_version)
    .executeTakeFirst();
  if (before === undefined || changed.numUpdatedRows === 0n) return 'changed_meanwhile';
  await auditChange(trx, { kind: 'operation', id: code }, change, {
    before: toldOperation(before),
    after: toldOperation({ code, ...wording }),
  });
  return 'changed';
}

export function toldOperation(one: OperationWording): Told {
  const { name, description, unit, position, active } = one;
  return {
    ...{ name, description, unit },
    position: String(position),
    active: active ? 'yes' : 'no',
  };
}

/** A version of a price as the staff see it: for whom it is, and who made it. */
export interface ListedPrice extends PriceRule {
  valid_from: Date;
  scope: PriceScope;
  plan: string | null;
  customer: string | null;
  workspace_id: string | null;
  made_by: string;
}

/**
 * All versions of all prices, or of those of one operation.
 * @param db one that sees all workspaces; the app sees those that are no customer's
 */
export async function listPrices(db: Db, operation?: string): Promise<ListedPrice[]> {
  const { rows } = await sql<Omit<ListedPrice, 'components'> & { components: unknown }>`
    select r.id, r.operation, r.version, r.valid_from, r.components, r.made_by, r.workspace_id,
      case when r.workspace_id is not null then 'customer'
        when r.plan_id is not null then 'plan' else 'general' end as scope,
      p.code as plan, coalesce(w.external_id, w.slug) as customer
    from price_rules r left join plans p on p.id = r.plan_id
    left join workspaces w on w.id = r.workspace_id
    where ${operation ?? null}::text is null or r.operation = ${operation ?? null}
    order by r.operation, r.version`.execute(db);
  return rows.map((row) => ({ ...row, components: storedRule(row).components }));
}
