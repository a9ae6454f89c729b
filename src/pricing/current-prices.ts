import { sql } from 'kysely';
import type { PriceRule } from '../core/price-rules.ts';
import { Cache } from '../lib/cache.ts';
import type { Db } from '../lib/database.ts';
import { planOf } from './price-book.ts';
import { storedRule } from './stored-rules.ts';

/** What an operation costs now: by a customer's own rule, else its plan's, else the general one. */
interface Prices {
  own: ReadonlyMap<string, PriceRule>;
  ofPlans: ReadonlyMap<string, PriceRule>;
  general: PriceRule | undefined;
}

/** A new version of a rule is in force everywhere this long after it became valid. */
const PRICE_MILLISECONDS = 1_000;
const OPERATIONS_MAX = 10_000;
const VERSIONS_MAX = 10_000;
const WORKSPACES_MAX = 100_000;

/**
 * The price book for the paths that ask thousands of times a second: each operation with all its
 * rules is read at most once a second in each process, and so is a workspace's plan, where plans
 * have prices of their own.
 */
export class CurrentPrices {
  private readonly db: Db;
  private readonly cache = new Cache<Prices>({
    size: OPERATIONS_MAX,
    milliseconds: PRICE_MILLISECONDS,
  });
  private readonly plans = new Cache<{ plan_id: string | undefined }>({
    size: WORKSPACES_MAX,
    milliseconds: PRICE_MILLISECONDS,
  });

  /** A version is never changed. */
  private readonly versions = new Cache<PriceRule>({ size: VERSIONS_MAX, milliseconds: Infinity });

  /** @param db one that sees the rules of all workspaces */
  constructor(db: Db) {
    this.db = db;
  }

  /** The rule by which a workspace pays for an operation; undefined when it is not on sale. */
  async ruleFor(workspaceId: string, operation: string): Promise<PriceRule | undefined> {
    const found = this.cache.get(operation, () => readPrices(this.db, operation));
    const prices = found instanceof Promise ? await found : found;
    const own = prices?.own.get(workspaceId);
    if (prices === undefined || own !== undefined) return own;
    if (prices.ofPlans.size === 0) return prices.general;
    const plan = await this.plans.get(workspaceId, () => readPlan(this.db, workspaceId));
    return prices.ofPlans.get(plan?.plan_id ?? '') ?? prices.general;
  }

  /** The version of a rule that something was priced by, also when another is in force by now. */
  async version(id: string): Promise<PriceRule> {
    const found = await this.versions.get(id, () => readVersion(this.db, id));
    if (found === undefined) throw new Error(`there is no price rule ${id}`);
    return found;
  }
}

/** The valid version that began last, of each rule of an operation that is on sale and has not ended. */
async function readPrices(db: Db, operation: string): Promise<Prices | undefined> {
  const rows = await db
    .selectFrom('price_rules as r')
    .innerJoin('operations as o', 'o.code', 'r.operation')
    .distinctOn(['r.workspace_id', 'r.plan_id'])
    .select(['r.id', 'r.operation', 'r.version', 'r.components', 'r.workspace_id', 'r.plan_id'])
    .where('r.operation', '=', operation)
    .where('o.active', '=', true)
    .where('r.valid_from', '<=', sql<Date>`now()`)
    .orderBy('r.workspace_id')
    .orderBy('r.plan_id')
    .orderBy('r.valid_from', 'desc')
    .orderBy('r.version', 'desc')
    .execute();
  if (rows.length === 0) return undefined;
  let general: PriceRule | undefined;
  const own = new Map<string, PriceRule>();
  const ofPlans = new Map<string, PriceRule>();
  for (const { workspace_id, plan_id, ...row } of rows) {
    const rule = storedRule(row);
    if (rule.components.length === 0) continue;
    if (workspace_id !== null) own.set(workspace_id, rule);
    else if (plan_id !== null) ofPlans.set(plan_id, rule);
    else general = rule;
  }
  return { own, ofPlans, general };
}

async function readPlan(db: Db, workspaceId: string): Promise<{ plan_id: string | undefined }> {
  const found = await planOf(workspaceId).execute(db);
  return { plan_id: found.rows[0]?.plan_id };
}

async function readVersion(db: Db, id: string): Promise<PriceRule | undefined> {
  const row = await db
    .selectFrom('price_rules')
    .select(['id', 'operation', 'version', 'components'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : storedRule(row);
}
