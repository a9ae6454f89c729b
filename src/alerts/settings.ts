import { type AlertSettings, EXPIRY_DAYS } from '../core/alerts.ts';
import { levelLimits } from '../ledger/levels.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';

const STORED = [
  ...(['workspace_id', 'low_percent', 'critical_percent', 'mark_micro'] as const),
  ...(['run_out_days', 'expiry_days', 'spikes'] as const),
] as const;

/** What some workspaces are alerted of, where they have chosen; the others as everybody at first. */
export async function settingsOf(
  db: Db,
  workspaceIds: readonly string[],
): Promise<(workspaceId: string) => AlertSettings> {
  const rows =
    workspaceIds.length === 0
      ? []
      : await db
          .selectFrom('alert_settings')
          .select(STORED)
          .where('workspace_id', 'in', [...new Set(workspaceIds)])
          .execute();
  const chosen = new Map(rows.map((row) => [row.workspace_id, row]));
  return (workspaceId) => chosen.get(workspaceId) ?? settingsAtFirst();
}

/** Whoever has chosen nothing is alerted when the level in the header changes, and of all the rest. */
function settingsAtFirst(): AlertSettings {
  const { low_percent, critical_percent, low_days } = levelLimits();
  return {
    low_percent: Number(low_percent),
    critical_percent: Number(critical_percent),
    mark_micro: null,
    run_out_days: Number(low_days),
    expiry_days: EXPIRY_DAYS,
    spikes: true,
  };
}

/** Keeps what a workspace wants to be alerted of. A job looks at its wallets anew by this. */
export async function keepSettings(
  trx: Trx,
  workspace_id: string,
  settings: AlertSettings,
  by: { person_id: string; origin: Origin },
): Promise<void> {
  const before = (await settingsOf(trx, [workspace_id]))(workspace_id);
  const values = {
    ...{ ...settings, expiry_days: [...settings.expiry_days] },
    ...{ applied: false, updated_by: by.person_id, updated_at: new Date() },
  };
  await trx
    .insertInto('alert_settings')
    .values({ workspace_id, ...values })
    .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet(values))
    .execute();
  await audit(trx, {
    workspace_id,
    actor: { kind: 'person', id: by.person_id },
    action: 'alert_settings.changed',
    subject: { kind: 'workspace', id: workspace_id },
    before: told(before),
    after: told(settings),
    origin: by.origin,
  });
}

const APPLIED_MAX = 100;

/**
 * The wallets of workspaces whose settings nobody has looked at their wallets by, which are taken
 * for looked at from now on.
 */
export async function takeChanged(trx: Trx): Promise<string[]> {
  const changed = await trx
    .selectFrom('alert_settings')
    .select('workspace_id')
    .where('applied', '=', false)
    .limit(APPLIED_MAX)
    .forUpdate()
    .skipLocked()
    .execute();
  if (changed.length === 0) return [];
  const ids = changed.map(({ workspace_id }) => workspace_id);
  await trx
    .updateTable('alert_settings')
    .set({ applied: true })
    .where('workspace_id', 'in', ids)
    .execute();
  const wallets = await trx
    .selectFrom('wallets')
    .select('id')
    .where('workspace_id', 'in', ids)
    .execute();
  return wallets.map(({ id }) => id);
}

/** JSON has no bigint. */
function told({ mark_micro, expiry_days, ...settings }: AlertSettings): Record<string, unknown> {
  const { low_percent, critical_percent, run_out_days, spikes } = settings;
  const mark = mark_micro === null ? null : String(mark_micro);
  return { low_percent, critical_percent, mark_micro: mark, run_out_days, expiry_days, spikes };
}
