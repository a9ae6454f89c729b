import { sql } from 'kysely';
import type { StaffRole } from '../core/staff-functions.ts';
import { endUnlimitedBySuperAdmin, setUnlimitedBySuperAdmin } from '../ledger/wallets.ts';
import { type Trx, enterWorkspace } from '../lib/database.ts';

/**
 * What a super admin uses in the workspace of their own is recorded and costs nothing: given and
 * taken with the role. The last work of a transaction, which sees that workspace from then on.
 */
export async function settleSuperAdmin(
  trx: Trx,
  person: { id: string; staff_role: StaffRole | null },
): Promise<void> {
  await sql`select set_config('scrip.person_id', ${person.id}, true)`.execute(trx);
  const own = await trx
    .selectFrom('workspaces as w')
    .innerJoin('memberships as m', 'm.workspace_id', 'w.id')
    .select('w.id')
    .where('m.person_id', '=', person.id)
    .where('w.kind', '=', 'personal')
    .execute();
  for (const { id } of own) {
    await enterWorkspace(trx, id);
    if (person.staff_role === 'super_admin') await setUnlimitedBySuperAdmin(trx, id);
    else await chargeAgain(trx, id);
  }
}

/** Usage of a workspace costs credits again, unless its plan is unlimited. */
export async function chargeAgain(trx: Trx, workspaceId: string): Promise<void> {
  const plan = await trx
    .selectFrom('subscriptions as s')
    .innerJoin('plan_prices as r', 'r.id', 's.plan_price_id')
    .innerJoin('plan_versions as p', (join) =>
      join.onRef('p.plan_id', '=', 'r.plan_id').onRef('p.version', '=', 'r.plan_version'),
    )
    .select('s.current_period_ends_at')
    .where('s.workspace_id', '=', workspaceId)
    .where('s.status', 'in', ['trialing', 'active', 'past_due'])
    .where('p.unlimited', '=', sql<boolean>`true`)
    .where('s.current_period_ends_at', '>', sql<Date>`now()`)
    .orderBy('s.current_period_ends_at', 'desc')
    .executeTakeFirst();
  await endUnlimitedBySuperAdmin(trx, workspaceId, plan?.current_period_ends_at ?? null);
}
