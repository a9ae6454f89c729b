import { sql } from 'kysely';
import Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, type Trx, inWorkspace } from '../../lib/database.ts';
import type { Logger } from '../../lib/log.ts';
import { contextOf } from '../events/event.ts';
import { type Payment, findPayment, lockPayment } from '../orders.ts';
import { workOfSession } from './paid-sessions.ts';
import type { WorkingProvider } from '../provider.ts';
import { closeUnpaid } from '../settlement.ts';
import { CheckoutSession } from '../stripe-objects.ts';

/*
 * Pending payments whose webhook has not come, which Stripe is asked about: by the page on which the
 * buyer waits, by whoever leaves the payment page, and by a job for those that nobody looks at.
 */

interface Dependencies {
  connections: Connections;
  provider: WorkingProvider;
  log: Logger;
}

const WAIT_SECONDS = 3;
const AGAIN_SECONDS = 5;
/** A session is open for a day at most. */
const SESSION_HOURS = 24;
const LEFT_AFTER_MINUTES = 30;
const LEFT_AGAIN_MINUTES = 60;
const LEFT_MAX = 100;

/**
 * For the page that a buyer waits on: asks Stripe when the webhook has not come some seconds after
 * the first look, and then every few seconds at most, however many look.
 */
export async function checkWhenLate(work: Dependencies, payment: Payment): Promise<void> {
  if (payment.status !== 'pending' || payment.checkout_session_id === null) return;
  const due = await inWorkspace(work.connections.app, payment.workspace_id, (trx) =>
    claim(trx, payment.id, { first: WAIT_SECONDS, again: AGAIN_SECONDS }),
  );
  if (due === 'again') await check(work, payment);
}

/** For whoever left the payment page: nobody can pay there any more. One that was paid is taken in. */
export async function abandon(work: Dependencies, payment: Payment): Promise<void> {
  const { checkout_session_id: id, workspace_id } = payment;
  if (payment.status !== 'pending' || id === null) return;
  const { sessions } = work.provider.stripe.checkout;
  try {
    const expired = await sessions.expire(id, {}, { idempotencyKey: `expire:${id}` });
    await takeIn(work, workspace_id, expired);
  } catch (error) {
    // Paid in another tab, or over already: what became of it is asked.
    if (error instanceof Stripe.errors.StripeInvalidRequestError) await check(work, payment);
    else work.log.warn({ err: error, payment: payment.id }, 'a payment page could not be closed');
  }
}

/** Asks about payments that were left: those that were paid are taken in, those that are over closed. */
export async function checkLeft(work: Dependencies): Promise<void> {
  const { connections, provider } = work;
  const left = await connections.staff
    .selectFrom('payments')
    .select('id')
    .where('status', '=', 'pending')
    .where('type', '=', 'credit_purchase')
    // What is bought by itself has a job of its own.
    .where('auto_top_up', '=', sql<boolean>`false`)
    .where('provider', '=', provider.mode)
    .where('livemode', '=', provider.livemode)
    .where('created_at', '<', sql<Date>`now() - make_interval(mins => ${LEFT_AFTER_MINUTES})`)
    .where(sql<boolean>`coalesce(next_check_at <= now(), true)`)
    .orderBy('created_at')
    .limit(LEFT_MAX)
    .execute();
  const again = LEFT_AGAIN_MINUTES * 60;
  for (const { id } of left) {
    const payment = await findPayment(connections.staff, id);
    if (payment === undefined) continue;
    const due = await inWorkspace(connections.app, payment.workspace_id, (trx) =>
      claim(trx, id, { first: again, again }),
    );
    if (due === undefined) continue;
    if (payment.checkout_session_id !== null) await check(work, payment);
    else if (isOver(payment)) await close(work, payment);
  }
}

/** Whether Stripe may be asked now; if so, nobody else may for so many seconds. */
async function claim(
  trx: Trx,
  id: string,
  seconds: { first: number; again: number },
): Promise<'first' | 'again' | undefined> {
  const found = await trx
    .selectFrom('payments')
    .select(sql<boolean | null>`next_check_at <= now()`.as('is_due'))
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (found === undefined || found.is_due === false) return undefined;
  const turn = found.is_due === null ? 'first' : 'again';
  await trx
    .updateTable('payments')
    .set({ next_check_at: sql<Date>`now() + make_interval(secs => ${seconds[turn]})` })
    .where('id', '=', id)
    .execute();
  return turn;
}

async function check(work: Dependencies, payment: Payment): Promise<void> {
  const { checkout_session_id: id, workspace_id } = payment;
  if (id === null) return;
  try {
    await takeIn(work, workspace_id, await work.provider.stripe.checkout.sessions.retrieve(id));
  } catch (error) {
    const isUnknown =
      error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
    if (isUnknown && isOver(payment)) await close(work, payment);
    else work.log.warn({ err: error, payment: payment.id }, 'Stripe did not say what was paid');
  }
}

/** What the webhook of this session would do, at the same time as it if need be. */
async function takeIn(
  { connections, provider, log }: Dependencies,
  workspace_id: string,
  answer: unknown,
): Promise<void> {
  const session = Answer.parse(answer);
  const found = await workOfSession(contextOf(connections, provider), session);
  if (found === undefined || 'state' in found || found.workspace_id !== workspace_id) {
    throw new Error(`the session ${session.id} is of another order`);
  }
  const result = await inWorkspace(connections.app, workspace_id, (trx) => found.run(trx));
  // Its event, which the staff see, says the same when it comes; until then the log does.
  if (result.state === 'flagged') {
    log.error({ session: session.id, note: result.note }, 'a payment wants to be looked at');
  }
}

async function close({ connections }: Dependencies, payment: Payment): Promise<void> {
  await inWorkspace(connections.app, payment.workspace_id, async (trx) => {
    const locked = await lockPayment(trx, payment.id);
    if (locked !== undefined) await closeUnpaid(trx, locked, 'cancelled');
  });
}

function isOver({ created_at }: Payment): boolean {
  return Date.now() - created_at.getTime() > (SESSION_HOURS + 1) * 3_600_000;
}

/** The library takes some error answers for success, so what came is looked at. */
const Answer = z
  .looseObject({ object: z.literal('checkout.session') })
  .transform((session) => CheckoutSession.parse(session));
