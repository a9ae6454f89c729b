import type { Db } from '../lib/database.ts';
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
    .select(['made_by', 'created_at'])
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
