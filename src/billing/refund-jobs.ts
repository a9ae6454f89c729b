import { sql } from 'kysely';
import Stripe from 'stripe';
import { type Connections, inWorkspace } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';
import { type PaymentProvider, type WorkingProvider, isStripesOwnError } from './provider.ts';
import { takeInRefund } from './refunds.ts';
import { lockPaid, takeInReversals } from './reversals.ts';
import { Refund } from './stripe-objects.ts';

const AT_ONCE = 10;
/** When a process ends while it asks, another one asks again after this. */
const LEASE_SECONDS = 60;
const PAUSE_SECONDS_MAX = 3_600;

interface Claimed {
  id: string;
  workspace_id: string;
  parent_payment_id: string;
  amount_minor: bigint;
  payment_intent_id: string;
  tries: number;
  checkout_tries: number;
}

/**
 * Asks Stripe for the refunds that were decided on, each with a key of its own row, so that however
 * often it is asked, and by however many processes, the money goes back once. Where Stripe refuses,
 * the credits come back; where it is out of reach, it is asked again, for as long as it takes.
 */
export async function askForRefunds(
  connections: Connections,
  provider: PaymentProvider,
  log: Logger,
): Promise<void> {
  if (provider.mode === 'off') return;
  for (const refund of await claim(connections, provider)) {
    try {
      await ask(connections, provider, refund);
    } catch (error) {
      log.error({ err: error, refund: refund.id }, 'a refund could not be asked for');
    }
  }
}

/** Some that are due, and that no other process asks for meanwhile. */
async function claim(
  { app, staff }: Connections,
  { mode, livemode }: WorkingProvider,
): Promise<Claimed[]> {
  const due = await staff
    .selectFrom('payments')
    .select(['id', 'workspace_id'])
    .where('type', '=', 'refund')
    .where('status', '=', 'pending')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .where('provider', '=', mode)
    .where('livemode', '=', livemode)
    .orderBy('next_try_at')
    .limit(AT_ONCE)
    .execute();
  const claimed: Claimed[] = [];
  for (const { id, workspace_id } of due) {
    const { rows } = await inWorkspace(app, workspace_id, (trx) =>
      sql<Claimed>`
        update payments r
        set tries = r.tries + 1, next_try_at = now() + ${LEASE_SECONDS} * interval '1 second'
        from payments p
        where r.id = ${id} and p.id = r.parent_payment_id and r.status = 'pending'
          and r.next_try_at <= now()
        returning r.id, r.workspace_id, r.parent_payment_id, r.total_minor as amount_minor,
          p.payment_intent_id, r.tries, r.checkout_tries`.execute(trx),
    );
    claimed.push(...rows);
  }
  return claimed;
}

async function ask(
  connections: Connections,
  provider: WorkingProvider,
  refund: Claimed,
): Promise<void> {
  const answer = await answerOf(provider, refund).catch((error: unknown) =>
    isRefusal(error) ? { refused: error.message } : { fault: error },
  );
  await inWorkspace(connections.app, refund.workspace_id, async (trx) => {
    const payment = await lockPaid(trx, refund.parent_payment_id);
    if (payment === undefined) throw new Error(`refund ${refund.id} is of no payment`);
    if ('fault' in answer) {
      const seconds = Math.min(PAUSE_SECONDS_MAX, 2 ** Math.min(refund.tries, 12));
      await trx
        .updateTable('payments')
        .set({ next_try_at: sql<Date>`now() + ${seconds} * interval '1 second'` })
        .set(isStripesOwnError(answer.fault) ? { checkout_tries: refund.checkout_tries + 1 } : {})
        .where('id', '=', refund.id)
        .where('status', '=', 'pending')
        .execute();
      return;
    }
    if ('refused' in answer) {
      await trx
        .updateTable('payments')
        .set({ status: 'cancelled', next_try_at: null, failure: answer.refused.slice(0, 500) })
        .where('id', '=', refund.id)
        .where('status', '=', 'pending')
        .execute();
    } else {
      await takeInRefund(trx, payment, answer.made);
    }
    await takeInReversals(trx, payment.id);
  });
  if ('fault' in answer) throw answer.fault;
}

/**
 * The refund at Stripe, made now or before. Without an answer the same key finds it again. An error of
 * its own Stripe would repeat under that key for a day, so after one it is looked for, and if it was
 * not made, made with the next key.
 */
async function answerOf({ stripe }: WorkingProvider, refund: Claimed): Promise<{ made: Refund }> {
  const { id, payment_intent_id: payment_intent, amount_minor, checkout_tries } = refund;
  if (checkout_tries > 1) {
    for await (const one of stripe.refunds.list({ payment_intent, limit: 100 })) {
      const made = Refund.parse(one);
      if (made.metadata.scrip_refund === id) return { made };
    }
  }
  const made = await stripe.refunds.create(
    { payment_intent, amount: Number(amount_minor), metadata: { scrip_refund: id } },
    { idempotencyKey: `refund:${id}:${checkout_tries}` },
  );
  return { made: Refund.parse(made) };
}

/** Stripe understood, and said no: asking again would say the same. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripeCardError
  );
}
