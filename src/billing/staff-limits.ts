import { sql } from 'kysely';
import { z } from 'zod';
import type { StaffLimits } from '../core/staff-limits.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';

const StoredMoney = z.record(z.string(), z.string().regex(/^\d+$/).transform(BigInt));

/** What one of the staff may move in 24 hours before somebody else has to approve. */
export async function staffLimits(db: Db): Promise<StaffLimits> {
  const row = await db
    .selectFrom('staff_limits')
    .select(['small_credits', 'credits', 'money'])
    .executeTakeFirstOrThrow();
  return {
    small_credits_micro: row.small_credits,
    credits_micro: row.credits,
    money_minor: StoredMoney.parse(row.money),
  };
}

/** Sets the amounts. What waits already goes on to wait. */
export async function setStaffLimits(
  trx: Trx,
  limits: StaffLimits,
  by: { person_id: string; origin: Origin },
): Promise<void> {
  await trx.selectFrom('staff_limits').select('singleton').forUpdate().execute();
  const before = await staffLimits(trx);
  const money = JSON.stringify(textsOf(limits.money_minor));
  await trx
    .updateTable('staff_limits')
    .set({ small_credits: limits.small_credits_micro, credits: limits.credits_micro, money })
    .where('singleton', '=', sql<boolean>`true`)
    .execute();
  await audit(trx, {
    actor: { kind: 'person', id: by.person_id },
    action: 'staff_limits.changed',
    subject: { kind: 'staff_limits', id: 'staff' },
    before: auditedLimits(before),
    after: auditedLimits(limits),
    origin: by.origin,
  });
}

function auditedLimits(limits: StaffLimits): Record<string, unknown> {
  return {
    small_credits_micro: String(limits.small_credits_micro),
    credits_micro: limits.credits_micro?.toString() ?? null,
    money_minor: textsOf(limits.money_minor),
  };
}

function textsOf(amounts: Readonly<Record<string, bigint>>): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([code, minor]) => [code, String(minor)]));
}
