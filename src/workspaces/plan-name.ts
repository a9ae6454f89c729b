import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';

/** What the plan is called that a workspace is on, by the version that it was sold by. */
export async function planNameOf(db: Db, workspaceId: string): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select v.name from subscriptions s join plan_prices r on r.id = s.plan_price_id
    join plan_versions v on v.plan_id = r.plan_id and v.version = r.plan_version
    where s.workspace_id = ${workspaceId}
      and s.status in ('trialing', 'active', 'past_due')`.execute(db);
  return rows[0]?.name;
}
