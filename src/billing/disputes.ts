import { sql } from 'kysely';
import { audit } from '../lib/audit.ts';
import type { Trx } from '../lib/database.ts';
import type { EventContext, EventWork } from './events/event.ts';
import { type Payment, findPaymentByIntent } from './orders.ts';
import { lockPaid, takeInReversals, workOnMoneyOf } from './reversals.ts';
import type { Dispute } from './stripe-objects.ts';

type Standing = 'warning' | 'open' | 'won' | 'lost';

/** In which order a dispute can be in them: what comes late does not lead back. */
const ORDER: Record<Standing, number> = { warning: 0, open: 1, won: 2, lost: 2 };

/**
 * What Stripe says of a dispute. A bank that disputes a payment takes its money at once: then what is
 * unspent of its credits is taken back, and nothing else is done to the wallet. Won, they come back;
 * lost, the rest is taken too, as debt or written off, as the wallet's policy says. What is only an
 * inquiry takes nothing.
 */
export async function workOfDispute(
  { staff, livemode }: EventContext,
  dispute: Dispute,
): Promise<EventWork | undefined> {
  const found = await findPaymentByIntent(staff, dispute.payment_intent);
  const { currency } = dispute;
  return workOnMoneyOf(found, { livemode, currency }, async (trx, payment) => {
    const locked = await lockPaid(trx, payment.id);
    if (locked === undefined) return { state: 'flagged', note: 'disputed before it was paid' };
    const changed = await keepDispute(trx, payment, dispute);
    if (!changed) return { state: 'done', note: 'was known before' };
    await takeInReversals(trx, payment.id);
    return { state: 'done' };
  });
}

/** Whether something about it was new. */
async function keepDispute(trx: Trx, payment: Payment, dispute: Dispute): Promise<boolean> {
  const status = standingOf(dispute.status);
  const known = await trx
    .selectFrom('disputes')
    .select(['status', 'amount_minor'])
    .where('id', '=', dispute.id)
    .executeTakeFirst();
  if (known !== undefined) {
    const isNews = known.status !== status || known.amount_minor !== dispute.amount;
    if (!isNews || ORDER[status] < ORDER[known.status] || ORDER[known.status] === 2) return false;
  }
  const due = dispute.evidence_details?.due_by ?? null;
  const changing = {
    status,
    amount_minor: dispute.amount,
    evidence_due_at: due === null ? null : new Date(due * 1000),
  };
  await trx
    .insertInto('disputes')
    .values({
      ...changing,
      id: dispute.id,
      workspace_id: payment.workspace_id,
      wallet_id: payment.wallet_id,
      payment_id: payment.id,
      currency: dispute.currency,
      reason: dispute.reason,
      created_at: new Date(dispute.created * 1000),
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ ...changing, updated_at: sql<Date>`now()` }),
    )
    .execute();
  await audit(trx, {
    workspace_id: payment.workspace_id,
    actor: { kind: 'payment' },
    action: `payment.dispute_${status}`,
    subject: { kind: 'payment', id: payment.id },
    after: { dispute: dispute.id, amount_minor: String(dispute.amount), reason: dispute.reason },
  });
  return true;
}

/** Of an inquiry the money is not taken; one that was closed so, or a dispute that was taken back, is won. */
function standingOf(status: string): Standing {
  if (status === 'won' || status === 'warning_closed' || status === 'prevented') return 'won';
  if (status === 'lost') return 'lost';
  return status.startsWith('warning_') ? 'warning' : 'open';
}
