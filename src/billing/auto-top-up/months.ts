import { sql } from 'kysely';
import { noticePercentOf } from '../../core/auto-top-up.ts';
import { dateOf, instantOf } from '../../core/instant.ts';
import { windowOf } from '../../core/periods.ts';
import type { Db, Trx } from '../../lib/database.ts';
import type { Payment } from '../orders.ts';
import { type LimitNotice, mailLimit } from './mails.ts';
import type { AutoTopUp } from './terms.ts';

/** A calendar month, from its first moment to that of the next. */
export interface Month {
  starts_at: Date;
  ends_at: Date;
}

/** The month that it is where the workspace is. */
export async function monthOf(db: Db, workspaceId: string): Promise<Month> {
  const { rows } = await sql<{ time_zone: string; now: Date }>`
    select time_zone, now() as now from workspaces where id = ${workspaceId}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no workspace ${workspaceId}`);
  const { starts_at, ends_at } = windowOf('month', row.time_zone, instantOf(row.now));
  if (ends_at === null) throw new Error('a month has no end');
  return { starts_at: dateOf(starts_at), ends_at: dateOf(ends_at) };
}

/** What was charged in a month by itself, with tax. What was refunded later was charged all the same. */
export async function chargedIn(
  db: Db,
  { wallet_id, currency }: Pick<AutoTopUp, 'wallet_id' | 'currency'>,
  month: Month,
): Promise<bigint> {
  const { charged_minor } = await db
    .selectFrom('payments')
    .select(sql<bigint>`coalesce(sum(total_minor), 0)::int8`.as('charged_minor'))
    .where('wallet_id', '=', wallet_id)
    .where('currency', '=', currency)
    .where('auto_top_up', '=', sql<boolean>`true`)
    .where('completed_at', '>=', month.starts_at)
    .where('completed_at', '<', month.ends_at)
    .executeTakeFirstOrThrow();
  return charged_minor;
}

/**
 * A charge came through, in the transaction that settles it: declines in a row are over, and people
 * are told how much of the month's limit is used.
 */
export async function countCharge(trx: Trx, payment: Payment): Promise<void> {
  const terms = await trx
    .updateTable('auto_top_ups')
    .set({ failures: 0, next_look_at: null, updated_at: sql<Date>`now()` })
    .where('wallet_id', '=', payment.wallet_id)
    .returning(['workspace_id', 'consented_by', 'consented_at', 'monthly_limit_minor', 'currency'])
    .executeTakeFirst();
  if (terms === undefined || terms.currency !== payment.currency) return;
  const month = await monthOf(trx, payment.workspace_id);
  const charged_minor = await chargedIn(trx, payment, month);
  const percent = noticePercentOf(charged_minor, terms.monthly_limit_minor);
  if (percent !== undefined) await tellLimit(trx, terms, { percent, charged_minor, ...month });
}

/** Tells of a share of the limit that is used, once a month. */
export async function tellLimit(
  trx: Trx,
  terms: Pick<
    AutoTopUp,
    'workspace_id' | 'consented_by' | 'consented_at' | 'monthly_limit_minor' | 'currency'
  >,
  used: Omit<LimitNotice, 'monthly_limit_minor' | 'currency'>,
): Promise<void> {
  const { monthly_limit_minor, currency } = terms;
  await mailLimit(trx, terms, { ...used, monthly_limit_minor, currency });
}
