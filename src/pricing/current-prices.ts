import { sql } from 'kysely';
import type { PriceRule } from '../core/price-rules.ts';
import { Cache } from '../lib/cache.ts';
import type { Db } from '../lib/database.ts';
import { storedRule } from './price-book.ts';

/** What an operation costs now: whoever has no rule of their own pays the general one. */
interface Prices {
  general: PriceRule | undefined;
  own: ReadonlyMap<string, PriceRule>;
}

/** A new version of a rule is in force everywhere this long after it became valid. */
const PRICE_MILLISECONDS = 1_000;
const OPERATIONS_MAX = 10_000;
const VERSIONS_MAX = 10_000;

/**
 * The price book for the paths that ask thousands of times a second: each operation with all its
 * rules is read at most once a second in each process.
 */
export class CurrentPrices {
  private readonly db: Db;
  private readonly cache = new Cache<Prices>({
    size: OPERATIONS_MAX,
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
    return prices?.own.get(workspaceId) ?? prices?.general;
  }

  /** The version of a rule that something was priced by, also when another is in force by now. */
  async version(id: string): Promise<PriceRule> {
    const found = await this.versions.get(id, () => readVersion(this.db, id));
    if (found === undefined) throw new Error(`there is no price rule ${id}`);
    return found;
  }
}

/** The newest valid version of each rule of an operation that is on sale. */
async function readPrices(db: Db, operation: string): Promise<Prices | undefined> {
  const rows = await db
    .selectFrom('price_rules as r')
    .innerJoin('operations as o', 'o.code', 'r.operation')
    .distinctOn('r.workspace_id')
    .select(['r.id', 'r.operation', 'r.version', 'r.components', 'r.workspace_id'])
    .where('r.operation', '=', operation)
    .where('o.active', '=', true)
    .where('r.plan_id', 'is', null)
    .where('r.valid_from', '<=', sql<Date>`now()`)
    .orderBy('r.workspace_id')
    .orderBy('r.version', 'desc')
    .execute();
  if (rows.length === 0) return undefined;
  let general: PriceRule | undefined;
  const own = new Map<string, PriceRule>();
  for (const { workspace_id, ...row } of rows) {
    if (workspace_id === null) general = storedRule(row);
    else own.set(workspace_id, storedRule(row));
  }
  return { general, own };
}

async function readVersion(db: Db, id: string): Promise<PriceRule | undefined> {
  const row = await db
    .selectFrom('price_rules')
    .select(['id', 'operation', 'version', 'components'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : storedRule(row);
}
