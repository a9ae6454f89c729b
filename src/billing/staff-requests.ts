import { sql } from 'kysely';
import { type StaffRole, staffMay } from '../core/staff-functions.ts';
import { REQUEST_FUNCTIONS, limitOf, needsApproval } from '../core/staff-limits.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { type RefundRequest, refundOf } from './refunds.ts';
import { staffLimits } from './staff-limits.ts';
import { type ToCarryOut, carryOut, refundRefusal } from './staff-carry-out.ts';

/** What somebody of the staff wants to be done. Amounts of credits are in micro-credits. */
export type StaffWish =
  | {
      kind: 'grant';
      workspace_id: string;
      wallet_id: string;
      amount_micro: bigint;
      /** When the credits expire; null: never. */
      expires_at: Date | null;
    }
  | { kind: 'deduct'; workspace_id: string; wallet_id: string; amount_micro: bigint }
  /** Of what an entry of the wallet charged, to the lots that it came from. */
  | {
      kind: 'give_back';
      workspace_id: string;
      wallet_id: string;
      entry_seq: bigint;
      amount_micro: bigint;
    }
  /** Many grants at once, of a file that was read and checked. */
  | { kind: 'bulk_grant'; file_id: string; amount_micro: bigint }
  | {
      kind: 'refund';
      workspace_id: string;
      payment_id: string;
      amount: RefundRequest['amount'];
    };

export interface StaffAsk {
  wish: StaffWish;
  reason: string;
  /** The form's: the same form sent twice is one request. */
  nonce: string;
  staff_id: string;
  origin: Origin;
}

export type StaffAskOutcome =
  /** It is carried out, now or when the same form came before. */
  | { outcome: 'done'; request_id: string }
  /** Somebody else has to approve it. */
  | { outcome: 'waits'; request_id: string }
  /** It cannot be done. Nothing was changed or kept; the sentence says why. */
  | { outcome: 'refused'; sentence: string };

/** Nobody approves any more what has waited for so long. */
const DAYS_TO_APPROVE = 7;

/**
 * Does what somebody of the staff wants, or keeps it as a request that somebody else must approve:
 * above what the role may do alone in a day. Runs in a transaction of the workspace that it is about.
 * @throws AppError 403 `role` where the role does not allow it at all
 */
export async function askAsStaff(trx: Trx, ask: StaffAsk): Promise<StaffAskOutcome> {
  const { wish, staff_id, nonce, reason, origin } = ask;
  // Who asks for two things at once is one after the other: both count for the day.
  const role = await lockStaff(trx, staff_id);
  if (role === null || !staffMay(role, REQUEST_FUNCTIONS[wish.kind].ask)) {
    throw new AppError(403, 'role', 'Your role does not allow this. Nothing was changed.');
  }
  const before = await trx
    .selectFrom('staff_requests')
    .select(['id', 'state'])
    .where('asked_by', '=', staff_id)
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (before !== undefined) {
    return { outcome: before.state === 'done' ? 'done' : 'waits', request_id: before.id };
  }
  const sized = await sizeOf(trx, wish);
  if ('sentence' in sized) return sized;
  const request: ToCarryOut = { id: newId(), ...sized, reason, asked_by: staff_id };
  const done_in_day = await doneInDay(trx, staff_id, request.currency);
  const limit = limitOf(role, request, await staffLimits(trx));
  const waits = needsApproval({ amount: request.amount, done_in_day }, limit);
  if (!waits) {
    const sentence = await carryOut(trx, request, { person_id: staff_id, origin });
    if (sentence !== undefined) return { outcome: 'refused', sentence };
  }
  const state = waits ? 'waiting' : 'done';
  const expires_at = waits ? sql<Date>`now() + ${DAYS_TO_APPROVE} * interval '1 day'` : null;
  await trx
    .insertInto('staff_requests')
    .values({ ...request, nonce, state, expires_at })
    .execute();
  if (!waits) return { outcome: 'done', request_id: request.id };
  await noteRequest(trx, request, { action: 'staff_request.made', person_id: staff_id, origin });
  return { outcome: 'waits', request_id: request.id };
}

/** Writes down that a request was made or decided. What came of it is another event. */
export async function noteRequest(
  trx: Trx,
  request: ToCarryOut,
  by: { action: string; person_id: string; origin: Origin; reason?: string },
): Promise<void> {
  const { id, workspace_id, kind, subject_id, amount, currency } = request;
  const amounts =
    currency === null
      ? { amount_micro: String(amount) }
      : { amount_minor: String(amount), currency };
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor: { kind: 'person', id: by.person_id },
    action: by.action,
    subject: { kind: 'staff_request', id },
    after: { kind, subject_id, ...amounts },
    reason: by.reason ?? request.reason,
    origin: by.origin,
  });
}

/** Locks whoever asks, and lets the transaction see what they asked for in all workspaces. */
async function lockStaff(trx: Trx, personId: string): Promise<StaffRole | null> {
  await sql`select set_config('scrip.person_id', ${personId}, true)`.execute(trx);
  const person = await trx
    .selectFrom('people')
    .select('staff_role')
    .where('id', '=', personId)
    .where('deactivated_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return person?.staff_role ?? null;
}

type Sized = Omit<ToCarryOut, 'id' | 'reason' | 'asked_by'>;

async function sizeOf(
  trx: Trx,
  wish: StaffWish,
): Promise<Sized | Extract<StaffAskOutcome, { outcome: 'refused' }>> {
  const credits = { currency: null, credits_expire_at: null, entry_seq: null };
  switch (wish.kind) {
    case 'grant': {
      const { kind, workspace_id, wallet_id: subject_id, amount_micro: amount } = wish;
      const { expires_at: credits_expire_at } = wish;
      return { ...credits, kind, workspace_id, subject_id, amount, credits_expire_at };
    }
    case 'deduct': {
      const { kind, workspace_id, wallet_id: subject_id, amount_micro: amount } = wish;
      return { kind, workspace_id, subject_id, amount, ...credits };
    }
    case 'give_back': {
      const { kind, workspace_id, wallet_id: subject_id, amount_micro: amount } = wish;
      return { ...credits, kind, workspace_id, subject_id, amount, entry_seq: wish.entry_seq };
    }
    case 'bulk_grant': {
      const { kind, file_id: subject_id, amount_micro: amount } = wish;
      return { kind, workspace_id: null, subject_id, amount, ...credits };
    }
    case 'refund': {
      const { kind, workspace_id, payment_id: subject_id } = wish;
      const possible = await refundOf(trx, wish.payment_id, wish.amount);
      if (possible.outcome !== 'possible') {
        return { outcome: 'refused', sentence: refundRefusal(possible.outcome) };
      }
      const { amount_minor: amount, currency } = possible;
      return { ...credits, kind, workspace_id, subject_id, amount, currency };
    }
  }
}

/**
 * How many credits somebody may move alone in a day, and how many of these are left. Undefined: there
 * is no limit.
 * @param staff reads what somebody asked for in all workspaces
 */
export async function aloneToday(
  staff: Db,
  staffId: string,
): Promise<{ limit_micro: bigint | undefined; left_micro: bigint | undefined }> {
  const person = await staff
    .selectFrom('people')
    .select('staff_role')
    .where('id', '=', staffId)
    .executeTakeFirst();
  const role = person?.staff_role ?? null;
  const limit_micro =
    role === null ? 0n : limitOf(role, { currency: null }, await staffLimits(staff));
  if (limit_micro === undefined) return { limit_micro, left_micro: undefined };
  const left = limit_micro - (await doneInDay(staff, staffId, null));
  return { limit_micro, left_micro: left > 0n ? left : 0n };
}

/** What somebody did without anybody's approval in the last 24 hours: credits, or one currency. */
async function doneInDay(db: Db, staffId: string, currency: string | null): Promise<bigint> {
  const { done } = await db
    .selectFrom('staff_requests')
    .select(sql<bigint>`coalesce(sum(amount), 0)::int8`.as('done'))
    .where('asked_by', '=', staffId)
    .where('state', '=', 'done')
    .where('decided_by', 'is', null)
    .where('currency', 'is not distinct from', currency)
    .where('created_at', '>', sql<Date>`now() - interval '24 hours'`)
    .executeTakeFirstOrThrow();
  return done;
}
