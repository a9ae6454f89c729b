import type { PriceScope } from '../core/price-versions.ts';
import type { Db } from '../lib/database.ts';

/** A version of a price rule, as it is told of when it has made a charge. */
export interface RuleVersion {
  operation: string;
  version: number;
  valid_from: Date;
  scope: PriceScope;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The versions with these ids, each once. */
export async function ruleVersions(db: Db, ids: readonly string[]): Promise<RuleVersion[]> {
  const known = [...new Set(ids)].filter((id) => UUID.test(id));
  if (known.length === 0) return [];
  const rows = await db
    .selectFrom('price_rules')
    .select(['operation', 'version', 'valid_from', 'plan_id', 'workspace_id'])
    .where('id', 'in', known)
    .orderBy('operation')
    .orderBy('version')
    .execute();
  return rows.map(({ plan_id, workspace_id, ...rule }) => {
    const isGeneral = plan_id === null && workspace_id === null;
    return { ...rule, scope: isGeneral ? 'general' : plan_id === null ? 'customer' : 'plan' };
  });
}
