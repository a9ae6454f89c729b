import { sql } from 'kysely';
import { type Connections, type Trx, inWorkspace } from '../../lib/database.ts';
import type { Logger } from '../../lib/log.ts';
import { contextOf } from '../events/event.ts';
import { type Payment, countTry, lockPayment, noteFailure } from '../orders.ts';
import { workOfIntent } from '../payments/paid-intents.ts';
import type { WorkingProvider } from '../provider.ts';
import { forgetCard } from './saved-cards.ts';
import { closeUnpaid } from '../settlement.ts';
import { findStripeCustomer, forgetCustomer } from '../stripe-customers.ts';
import { type Answer, askForCharge } from './asking.ts';
import { mailDeclined, mailWaiting } from './mails.ts';
import { type AutoTopUp, findTerms, holdTerms, stop, waitUntil } from './terms.ts';

const AT_ONCE = 20;
/** When a process ends while it asks, another one asks again after this. */
const LEASE_SECONDS = 120;
const PAUSE_SECONDS_MAX = 3_600;
/** What Stripe has not answered for so long is given up; the next look decides anew. */
const ASKED_FOR_HOURS = 24;
/** So long the owner of a card may take to confirm a charge. */
const CONFIRM_DAYS = 3;

/** How long after a declined charge the next is tried; after one more it stops. */
const HOUR_MILLISECONDS = 3_600_000;
const PAUSES_MILLISECONDS = [HOUR_MILLISECONDS, 24 * HOUR_MILLISECONDS];

export const WAITS_FOR_OWNER = 'authentication_required';

/** An order that is to be asked for. */
export interface Claimed {
  payment: Payment;
  payment_method_id: string;
  customer_id: string | null;
  /** How often it has been asked for, with this time. */
  tries: number;
  /** Whether it may still be charged, if it was not yet. */
  wanted: boolean;
}

/**
 * Asks Stripe for the charges that were ordered, outside of any transaction, each with a key of its
 * own row: however often it is asked, and by however many processes, one charge. The credits come
 * with the money, by the same function as the webhook's.
 */
export async function chargeTopUps(
  connections: Connections,
  provider: WorkingProvider,
  log: Logger,
): Promise<void> {
  for (const { id, workspace_id } of await dueOrders(connections, provider)) {
    try {
      const claimed = await inWorkspace(connections.app, workspace_id, (trx) =>
        claim(trx, id, provider),
      );
      if (claimed === undefined) continue;
      const answer = await askForCharge(provider, claimed);
      await takeIn(connections, provider, claimed, answer);
      if ('error' in answer) throw answer.error;
    } catch (error) {
      log.error({ err: error, payment: id }, 'a top-up was not charged');
    }
  }
}

function dueOrders({ staff }: Connections, { mode, livemode }: WorkingProvider) {
  return staff
    .selectFrom('payments')
    .select(['id', 'workspace_id'])
    .where('auto_top_up', '=', sql<boolean>`true`)
    .where('status', '=', 'pending')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .where('provider', '=', mode)
    .where('livemode', '=', livemode)
    .orderBy('next_try_at')
    .limit(AT_ONCE)
    .execute();
}

/** Takes an order for this process, unless another one has it or there is nothing to ask for. */
async function claim(
  trx: Trx,
  id: string,
  provider: WorkingProvider,
): Promise<Claimed | undefined> {
  const row = await trx
    .selectFrom('payments')
    .select(['tries'])
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('next_try_at', '<=', sql<Date>`now()`)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  const payment = row && (await lockPayment(trx, id));
  const card = payment?.payment_method_id;
  if (row === undefined || payment === undefined || !card) return undefined;
  if (payment.failure === WAITS_FOR_OWNER) {
    await closeUnconfirmed(trx, payment);
    return undefined;
  }
  const terms = await holdTerms(trx, payment.workspace_id, provider);
  const isYoung = payment.created_at.getTime() > Date.now() - ASKED_FOR_HOURS * HOUR_MILLISECONDS;
  const wanted = isYoung && terms?.enabled === true && terms.payment_method_id === card;
  // Nobody was asked yet: turned off is turned off.
  if (row.tries === 0 && !wanted) {
    await closeUnpaid(trx, payment, 'cancelled');
    return undefined;
  }
  const tries = row.tries + 1;
  await askAgainAfter(trx, payment, LEASE_SECONDS, tries);
  return {
    ...{ payment, tries, wanted, payment_method_id: card },
    customer_id: (await findStripeCustomer(trx, payment.workspace_id, provider)) ?? null,
  };
}

/** What came of it, in one transaction. Somebody else may have been told before: then nothing is left to do. */
async function takeIn(
  connections: Connections,
  provider: WorkingProvider,
  claimed: Claimed,
  answer: Answer,
): Promise<void> {
  const { id, workspace_id } = claimed.payment;
  const { tries } = claimed;
  if (answer.outcome === 'succeeded') {
    const work = await workOfIntent(contextOf(connections, provider), answer.intent);
    if (work === undefined || 'state' in work) throw new Error(`top-up ${id}: ${work?.note ?? ''}`);
    const result = await inWorkspace(connections.app, workspace_id, (trx) => work.run(trx));
    if (result.state === 'flagged') throw new Error(`top-up ${id}: ${result.note ?? ''}`);
    return;
  }
  await inWorkspace(connections.app, workspace_id, async (trx) => {
    const payment = await lockPayment(trx, id);
    if (payment?.status !== 'pending') return;
    switch (answer.outcome) {
      case 'unknown':
        if (answer.isStripesOwn) await countTry(trx, payment);
        await askAgainAfter(trx, payment, Math.min(PAUSE_SECONDS_MAX, 15 * 2 ** tries), tries);
        return;
      case 'not_charged':
        await closeUnpaid(trx, payment, 'cancelled');
        return;
      default:
        if (answer.outcome === 'card_gone') await forget(trx, claimed, answer);
        await refused(trx, payment, provider, answer);
    }
  });
}

async function refused(
  trx: Trx,
  payment: Payment,
  provider: WorkingProvider,
  answer: Exclude<Answer, { outcome: 'succeeded' | 'unknown' | 'not_charged' }>,
): Promise<void> {
  const { workspace_id } = payment;
  const terms = await findTerms(trx, workspace_id, provider);
  if (terms === undefined) throw new Error(`top-up ${payment.id} was never agreed to`);
  switch (answer.outcome) {
    case 'wants_owner':
      await noteFailure(trx, payment.id, WAITS_FOR_OWNER);
      await askAgainAfter(trx, payment, CONFIRM_DAYS * 86_400);
      await mailWaiting(trx, terms, payment);
      return;
    case 'declined':
      await noteFailure(trx, payment.id, answer.code);
      await closeUnpaid(trx, payment, 'failed');
      await countDecline(trx, terms, payment);
      return;
    case 'card_gone':
    case 'refused':
      await noteFailure(trx, payment.id, answer.outcome);
      await closeUnpaid(trx, payment, 'failed');
      await stop(trx, workspace_id, answer.outcome);
  }
}

/** What is gone at Stripe is not offered here any more. */
async function forget(
  trx: Trx,
  { customer_id, payment_method_id }: Claimed,
  gone: { customer: boolean },
): Promise<void> {
  if (gone.customer && customer_id !== null) await forgetCustomer(trx, customer_id);
  else await forgetCard(trx, payment_method_id);
}

async function countDecline(trx: Trx, terms: AutoTopUp, payment: Payment): Promise<void> {
  const { failures } = await trx
    .updateTable('auto_top_ups')
    .set((row) => ({ failures: row('failures', '+', 1), updated_at: sql<Date>`now()` }))
    .where('workspace_id', '=', payment.workspace_id)
    .returning('failures')
    .executeTakeFirstOrThrow();
  const pause = PAUSES_MILLISECONDS[failures - 1];
  if (pause === undefined) {
    await stop(trx, payment.workspace_id, 'declined');
    return;
  }
  const next = new Date(Date.now() + pause);
  await waitUntil(trx, payment.workspace_id, next);
  if (terms.enabled) await mailDeclined(trx, terms, payment, next);
}

/** Nobody wants a charge any more that waits for the owner of the card and has no payment page yet. */
export async function cancelWaiting(trx: Trx, workspaceId: string): Promise<void> {
  const waiting = await trx
    .selectFrom('payments')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('auto_top_up', '=', sql<boolean>`true`)
    .where('status', '=', 'pending')
    .where('failure', '=', WAITS_FOR_OWNER)
    .where('checkout_session_id', 'is', null)
    .executeTakeFirst();
  const payment = waiting && (await lockPayment(trx, waiting.id));
  if (payment?.checkout_session_id === null) await closeUnpaid(trx, payment, 'cancelled');
}

/** Nobody confirmed it in time. One that is being paid at a payment page ends with the page. */
async function closeUnconfirmed(trx: Trx, payment: Payment): Promise<void> {
  if (payment.checkout_session_id === null) {
    await closeUnpaid(trx, payment, 'cancelled');
    return;
  }
  const over = { next_try_at: null };
  await trx.updateTable('payments').set(over).where('id', '=', payment.id).execute();
}

async function askAgainAfter(
  trx: Trx,
  payment: Payment,
  seconds: number,
  tries?: number,
): Promise<void> {
  await trx
    .updateTable('payments')
    .set({ next_try_at: sql<Date>`now() + ${seconds} * interval '1 second'` })
    .set(tries === undefined ? {} : { tries })
    .where('id', '=', payment.id)
    .execute();
}
