import type { Trx } from '../../lib/database.ts';
import type { Reader } from '../../lib/formatting.ts';
import { sendMail } from '../../lib/mail.ts';
import { renderMail } from '../../lib/mail-rendering.ts';
import type { Payment } from '../orders.ts';
import type { AutoTopUp, StopReason } from './terms.ts';

/** Somebody who may do something about it. */
export interface Recipient {
  person_id: string;
  address: string;
  reader: Reader;
}

type Terms = Pick<AutoTopUp, 'workspace_id' | 'consented_by' | 'consented_at'>;

/** Who agreed to it, as long as they may change it; else the owners of the workspace. */
export async function recipientsOf(
  trx: Trx,
  { workspace_id, consented_by }: Pick<AutoTopUp, 'workspace_id' | 'consented_by'>,
): Promise<Recipient[]> {
  const people = await trx
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['p.id', 'p.email', 'p.time_zone', 'p.locale', 'm.role'])
    .where('m.workspace_id', '=', workspace_id)
    .where('m.role', 'in', ['owner', 'admin'])
    .where('p.deactivated_at', 'is', null)
    .orderBy('p.id')
    .execute();
  const consenting = people.filter(({ id }) => id === consented_by);
  const told = consenting.length > 0 ? consenting : people.filter(({ role }) => role === 'owner');
  return told.map(({ id, email, time_zone, locale }) => ({
    ...{ person_id: id, address: email },
    reader: { time_zone, locale },
  }));
}

/** It has ended by itself: why, and what to do. */
export async function mailStopped(trx: Trx, terms: Terms, reason: StopReason): Promise<void> {
  const key = `auto_top_up.stopped ${terms.workspace_id} ${terms.consented_at.toISOString()}`;
  await tell(trx, terms, { kind: 'auto_top_up.stopped', key, data: { reason } });
}

/** A charge was declined; the next one is tried later. */
export async function mailDeclined(
  trx: Trx,
  terms: Terms,
  payment: Payment,
  next_at: Date,
): Promise<void> {
  const key = `auto_top_up.declined ${payment.id}`;
  await tell(trx, terms, { kind: 'auto_top_up.declined', key, data: { payment, next_at } });
}

/** The bank wants to hear of a charge from the owner of the card. */
export async function mailWaiting(trx: Trx, terms: Terms, payment: Payment): Promise<void> {
  const key = `auto_top_up.waiting ${payment.id}`;
  await tell(trx, terms, { kind: 'auto_top_up.waiting', key, data: { payment } });
}

export interface LimitNotice {
  percent: bigint;
  charged_minor: bigint;
  monthly_limit_minor: bigint;
  currency: string;
  /** When the next month begins. */
  ends_at: Date;
  /** The month, as its first moment. */
  starts_at: Date;
}

/** So much of the monthly limit is used; once in a month for each share. */
export async function mailLimit(trx: Trx, terms: Terms, notice: LimitNotice): Promise<void> {
  const month = notice.starts_at.toISOString();
  const key = `auto_top_up.limit ${terms.workspace_id} ${month} ${notice.percent}`;
  await tell(trx, terms, { kind: 'auto_top_up.limit', key, data: notice });
}

async function tell(
  trx: Trx,
  terms: Terms,
  { kind, key, data }: { kind: string; key: string; data: object },
): Promise<void> {
  const { workspace_id } = terms;
  const workspace = await trx
    .selectFrom('workspaces')
    .select(['name', 'slug'])
    .where('id', '=', workspace_id)
    .executeTakeFirstOrThrow();
  const path = `/w/${workspace.slug}/auto-top-up`;
  for (const { person_id, address, reader } of await recipientsOf(trx, terms)) {
    const mail = renderMail(kind, { ...data, workspace: workspace.name, path }, reader);
    const to = { to_address: address, workspace_id, person_id };
    await sendMail(trx, { ...mail, ...to, key: `${key} ${person_id}` });
  }
}
