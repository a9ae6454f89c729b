import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import { OWN_AMOUNT } from './free-amounts.ts';
import { PACKAGES_NOW } from './packages.ts';
import { PLAN_VERSIONS_NOW } from './plans.ts';
import { selectPromoCodes } from './promo-codes.ts';

const CODES_MAX = 200;
const REDEMPTIONS_MAX = 200;

/** The codes, the newest first. */
export async function listPromoCodes(db: Db) {
  return selectPromoCodes(db)
    .select(['made_by', 'created_at'])
    .orderBy('id', 'desc')
    .limit(CODES_MAX)
    .execute();
}

/** One code with who used it, the newest first; undefined for what is none. */
export async function promoReport(db: Db, id: string) {
  const code = await selectPromoCodes(db)
    .select(['made_by', 'created_at', 'version'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (code === undefined) return undefined;
  const redemptions = await db
    .selectFrom('promo_redemptions as r')
    .innerJoin('workspaces as w', 'w.id', 'r.workspace_id')
    .leftJoin('people as p', 'p.id', 'r.person_id')
    .select(['r.id', 'r.state', 'r.credits', 'r.payment_id', 'r.created_at'])
    .select(['w.name as workspace_name', 'p.email'])
    .where('r.promo_code_id', '=', id)
    .orderBy('r.id', 'desc')
    .limit(REDEMPTIONS_MAX)
    .execute();
  return { code, redemptions };
}

/** What a code can be limited to: the codes of what is sold now, of plans those that are paid for. */
export interface PromoScope {
  packages: readonly string[];
  plans: readonly string[];
}

export async function promoScope(db: Db): Promise<PromoScope> {
  const { rows } = await sql<{ packages: string[]; plans: string[] }>`
    select array(
        select code from ${PACKAGES_NOW} p where active order by position, code) as packages,
      array(select p.code from ${PLAN_VERSIONS_NOW} v join plans p on p.id = v.plan_id
        where v.active and exists (select from plan_prices r where r.plan_id = v.plan_id
          and r.plan_version = v.version and r.price_minor > 0)
        order by v.position, p.code) as plans`.execute(db);
  const { packages = [], plans = [] } = rows[0] ?? {};
  return { packages: [...packages, OWN_AMOUNT], plans };
}
