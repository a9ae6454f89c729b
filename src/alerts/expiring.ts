import { EXPIRY_DAYS } from '../core/alerts.ts';
import { decimalCredits } from '../core/credits.ts';
import { lotsExpiring } from '../ledger/expiring-lots.ts';
import type { Db, Trx } from '../lib/database.ts';
import { type RaisedAlert, raise } from './raising.ts';
import { settingsOf } from './settings.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Tells of the lots that came so near to their end since the last time, once at each of the days that
 * a workspace wants. Several at once are safe.
 * @param db as the ledger
 */
export async function tellOfExpiring(
  db: Db,
  links: UnsubscribeLinks,
  passOn: (trx: Trx, raised: readonly RaisedAlert[]) => Promise<void>,
  now = new Date(),
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { done_until } = await trx
      .selectFrom('alert_progress')
      .select('done_until')
      .where('task', '=', 'expiring')
      .forUpdate()
      .executeTakeFirstOrThrow();
    const from = done_until ?? now;
    for (const days of EXPIRY_DAYS) {
      await passOn(trx, await tellAt(trx, days, { from, until: now }, links));
    }
    await trx
      .updateTable('alert_progress')
      .set({ done_until: now > from ? now : from })
      .where('task', '=', 'expiring')
      .execute();
  });
}

async function tellAt(
  trx: Trx,
  days: number,
  { from, until }: { from: Date; until: Date },
  links: UnsubscribeLinks,
): Promise<RaisedAlert[]> {
  const later = (moment: Date): Date => new Date(moment.getTime() + days * DAY_MILLISECONDS);
  const lots = await lotsExpiring(trx, later(from), later(until));
  const settingsFor = await settingsOf(
    trx,
    lots.map(({ workspace_id }) => workspace_id),
  );
  const wanted = lots.filter(({ workspace_id }) =>
    settingsFor(workspace_id).expiry_days.includes(days),
  );
  return raise(
    trx,
    wanted.map(({ number, source, available_micro, expires_at, ...owner }) => ({
      ...owner,
      kind: 'lot_expiring',
      subject: `lot ${number} in ${days} days`,
      facts: {
        ...{ lot: number, amount: decimalCredits(available_micro), source, days },
        expires_at: expires_at.toISOString(),
      },
    })),
    links,
  );
}
