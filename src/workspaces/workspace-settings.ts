import { setTimeZone } from '../ledger/wallets.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';

/** What owners and admins may change of a workspace. */
export interface WorkspaceSettings {
  name: string;
  time_zone: string;
  currency: string;
}

/**
 * Changes a workspace. What prices and budgets count by the day and month goes on in the zone in
 * which it began once credits have moved.
 */
export async function changeWorkspace(
  trx: Trx,
  deed: { workspace_id: string; by: string; origin: Origin },
  settings: WorkspaceSettings,
): Promise<void> {
  const { workspace_id: id, by, origin } = deed;
  const before = await trx
    .selectFrom('workspaces')
    .select(['name', 'time_zone', 'currency'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const { name, time_zone, currency } = settings;
  const after = {
    ...(name !== before.name && { name }),
    ...(time_zone !== before.time_zone && { time_zone }),
    ...(currency !== before.currency && { currency }),
  };
  if (Object.keys(after).length === 0) return;
  const changed = { ...after, updated_at: new Date() };
  await trx.updateTable('workspaces').set(changed).where('id', '=', id).execute();
  if (after.time_zone !== undefined) await setTimeZone(trx, id, after.time_zone);
  await audit(trx, {
    workspace_id: id,
    actor: { kind: 'person', id: by },
    action: 'workspace.changed',
    subject: { kind: 'workspace', id },
    ...{ before, after, origin },
  });
}
