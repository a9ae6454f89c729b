import {
  ALERT_KINDS,
  type AlertKind,
  type AlertPreference,
  canBeMailed,
  defaultPreference,
  mayHear,
} from '../core/alerts.ts';
import type { Db, Trx } from '../lib/database.ts';
import type { Subscription } from './unsubscribe-links.ts';

/** How a member hears of each kind that is for them. */
export async function preferencesOf(
  db: Db,
  { workspace_id, person_id, isManager }: Omit<Subscription, 'kind'> & { isManager: boolean },
): Promise<(AlertPreference & { kind: AlertKind; mailable: boolean })[]> {
  const rows = await db
    .selectFrom('alert_preferences')
    .select(['kind', 'in_page', 'by_mail'])
    .where('workspace_id', '=', workspace_id)
    .where('person_id', '=', person_id)
    .execute();
  return ALERT_KINDS.filter((kind) => mayHear(kind, isManager)).map((kind) => {
    const chosen = rows.find((row) => row.kind === kind) ?? defaultPreference(kind, isManager);
    const mailable = canBeMailed(kind);
    const { in_page, by_mail } = chosen;
    return { kind, in_page, by_mail: mailable && by_mail, mailable };
  });
}

/** Keeps how a member hears of a kind. */
export async function keepPreference(
  trx: Trx,
  { workspace_id, person_id, kind }: Subscription,
  preference: AlertPreference,
): Promise<void> {
  const values = { ...preference, updated_at: new Date() };
  await trx
    .insertInto('alert_preferences')
    .values({ workspace_id, person_id, kind, ...values })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'person_id', 'kind']).doUpdateSet(values),
    )
    .execute();
}

/** No more mails of a kind; in the page it is told as before. */
export async function endMails(trx: Trx, subscription: Subscription): Promise<void> {
  const { workspace_id, person_id, kind } = subscription;
  const values = { by_mail: false, updated_at: new Date() };
  await trx
    .insertInto('alert_preferences')
    .values({ workspace_id, person_id, kind, in_page: true, ...values })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'person_id', 'kind']).doUpdateSet(values),
    )
    .execute();
}
