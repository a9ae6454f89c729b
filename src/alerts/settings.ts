import { sql } from 'kysely';
import type { AlertSettings } from '../core/alerts.ts';
import type { AlertDefaults } from '../ledger/alert-defaults.ts';
import { alertDefaultsNow } from '../ledger/levels.ts';
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
  const defaults = await alertDefaultsNow();
  return (workspaceId) => chosen.get(workspaceId) ?? settingsAtFirst(defaults);
}

/** Whoever has chosen nothing is alerted when the level in the header changes, and of all the rest. */
function settingsAtFirst(defaults: AlertDefaults): AlertSettings {
  const { low_percent, critical_percent, low_days, expiry_days, spikes } = defaults;
  return {
    low_percent: Number(low_percent),
    critical_percent: Number(critical_percent),
    mark_micro: null,
    run_out_days: Number(low_days),
    ...{ expiry_days, spikes },
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

/** A change has reached each process by then. */
const SETTLED_SECONDS = 5;

/**
 * Some of the wallets whose workspaces have chosen nothing, when the alert defaults have changed since
 * they were looked at; they are taken for looked at from now on.
 */
export async function takeByDefaults(trx: Trx): Promise<string[]> {
  const { rows } = await sql<{ version: number; last_wallet_id: string | null; next: number }>`
    select p.version, p.last_wallet_id, coalesce((
      select v.version from catalogue_versions v where v.kind = 'alert_defaults'
        and greatest(v.valid_from, v.created_at) <= now() - ${SETTLED_SECONDS} * interval '1 second'
      order by v.valid_from desc, v.version desc limit 1), p.version) as next
    from alert_default_progress p for update of p skip locked`.execute(trx);
  const [progress] = rows;
  if (progress === undefined || progress.next === progress.version) return [];
  const { rows: wallets } = await sql<{ id: string }>`
    select id from wallets where id > coalesce(${progress.last_wallet_id}::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit ${APPLIED_MAX}`.execute(trx);
  const last = wallets.at(-1);
  await trx
    .updateTable('alert_default_progress')
    .set(
      last === undefined
        ? { version: progress.next, last_wallet_id: null }
        : { last_wallet_id: last.id },
    )
    .execute();
  return wallets.map(({ id }) => id);
}

/** JSON has no bigint. */
function told({ mark_micro, expiry_days, ...settings }: AlertSettings): Record<string, unknown> {
  const { low_percent, critical_percent, run_out_days, spikes } = settings;
  const mark = mark_micro === null ? null : String(mark_micro);
  return { low_percent, critical_percent, mark_micro: mark, run_out_days, expiry_days, spikes };
}
