import { plainCredits } from '../../core/credits.ts';
import { audit } from '../../lib/audit.ts';
import type { Trx } from '../../lib/database.ts';
import { newId } from '../../lib/ids.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import { type InvoiceLine, promoLine } from '../documents/invoice-lines.ts';
import type { Sold } from '../sold.ts';
import type { PlanPrice } from '../plans.ts';
import type { StripeInvoice } from './objects.ts';
import type { Subscription } from '../subscriptions.ts';

/** What came of a paid invoice: a payment of ours, and what our own invoice says that it was for. */
export interface BookedInvoice {
  id: string;
  cost_minor: bigint;
  currency: string;
  lines: InvoiceLine[];
}

interface ToBook {
  subscription: Subscription;
  invoice: StripeInvoice;
  plan: PlanPrice;
  /** Null: the plan is unlimited. */
  credits_micro: bigint | null;
  /** What a code adds. */
  promo?: Sold['promo'];
  starts_at: Date;
  ends_at: Date;
}

export async function isBooked(trx: Trx, invoiceId: string): Promise<boolean> {
  const found = await trx
    .selectFrom('payments')
    .select('id')
    .where('stripe_invoice_id', '=', invoiceId)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Writes the payment of a paid invoice, complete. Its payment intent is asked for by a job, since
 * invoices do not tell it.
 */
export async function bookInvoice(trx: Trx, booked: ToBook): Promise<BookedInvoice> {
  const { subscription, invoice, plan, credits_micro, promo } = booked;
  const { workspace_id, provider, livemode, person_id } = subscription;
  if (provider === 'none') throw new Error(`${subscription.id} costs nothing`);
  const id = newId();
  const { net, total, currency } = invoice;
  // A credit for what was given up is in the subtotal already; what is less than that is a discount.
  const subtotal_minor = invoice.subtotal > net ? invoice.subtotal : net;
  await trx
    .insertInto('payments')
    .values({
      ...{ id, workspace_id, person_id, provider, livemode, subtotal_minor, currency },
      wallet_id: await walletIdOf(trx, workspace_id),
      order_key: `invoice ${invoice.id}`,
      type: 'subscription',
      status: 'completed',
      discount_minor: subtotal_minor - net,
      tax_minor: total - net,
      total_minor: total,
      subscription_id: subscription.id,
      stripe_invoice_id: invoice.id,
      payment_intent_id: invoice.payment_intent,
      catalogue: JSON.stringify({
        package: plan.code,
        name: nameOf(plan),
        credits_micro: String(credits_micro ?? 0n),
        bonus_micro: '0',
        expires_after_days: null,
        bonus_expires_after_days: null,
        ...(promo && { promo: { ...promo, credits_micro: String(promo.credits_micro) } }),
      }),
      completed_at: new Date(),
    })
    .execute();
  await audit(trx, {
    workspace_id,
    actor: { kind: 'payment' },
    action: 'payment.completed',
    subject: { kind: 'payment', id },
    after: { status: 'completed', total_minor: String(total), plan: plan.code },
  });
  const lines = [
    lineOf(booked, subtotal_minor),
    ...(promo === undefined ? [] : [promoLine(promo)]),
  ];
  return { id, cost_minor: net, currency, lines };
}

/** What a plan is called where its period matters: "Team, yearly". */
export function nameOf({ name, period }: Pick<PlanPrice, 'name' | 'period'>): string {
  return `${name}, ${period === 'month' ? 'monthly' : 'yearly'}`;
}

function lineOf(
  { plan, credits_micro, starts_at, ends_at }: ToBook,
  amount_minor: bigint,
): InvoiceLine {
  const what = credits_micro === null ? 'Unlimited' : `${plainCredits(credits_micro)} credits`;
  const [from, to] = [starts_at, ends_at].map((date) => date.toISOString().slice(0, 10));
  return { description: nameOf(plan), detail: `${what}, ${from} to ${to}`, amount_minor };
}
