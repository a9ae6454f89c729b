import { z } from 'zod';
import type { BookedMove, MoneyMove } from '../../core/reconciliation.ts';
import type { WorkingProvider } from '../provider.ts';
import { retrieved } from './stripe-lists.ts';
import { PaymentIntent, Refund } from '../stripe-objects.ts';
import { StripeInvoice } from '../subscriptions/objects.ts';

/** Above this something is wrong at large, and asking for each would take for ever. */
const ASKED_MAX = 200;

/**
 * Leaves out what we have booked and Stripe's lists do not have, where Stripe confirms it when asked
 * for it: it is dated before the first day of the lists, or came after they were read.
 */
export async function confirmAtStripe(
  provider: WorkingProvider,
  atStripe: readonly MoneyMove[],
  booked: readonly BookedMove[],
  beat: () => Promise<void>,
): Promise<BookedMove[]> {
  const listed = new Set(atStripe.map(({ kind, id }) => `${kind} ${id}`));
  const kept: BookedMove[] = [];
  let asked = 0;
  for (const move of booked) {
    const isListed = listed.has(`${move.kind} ${move.id}`);
    if (isListed || asked >= ASKED_MAX) {
      kept.push(move);
      continue;
    }
    asked += 1;
    await beat();
    if (!(await isConfirmed(provider, move))) kept.push(move);
  }
  return kept;
}

async function isConfirmed({ stripe }: WorkingProvider, move: BookedMove): Promise<boolean> {
  if (move.kind === 'refund') {
    const refund = await retrieved(Refund, stripe.refunds.retrieve(move.id));
    return refund?.amount === move.amount_minor && refund.currency === move.currency;
  }
  if (move.id.startsWith('in_')) {
    const invoice = await retrieved(StripeInvoice, stripe.invoices.retrieve(move.id));
    const isPaid = invoice?.status === 'paid' && invoice.currency === move.currency;
    return isPaid && invoice.total === move.amount_minor;
  }
  // A payment without an intent goes by its own id, which Stripe does not know.
  if (z.uuid().safeParse(move.id).success) return false;
  const intent = await retrieved(PaymentIntent, stripe.paymentIntents.retrieve(move.id));
  const isPaid = intent?.status === 'succeeded' && intent.currency === move.currency;
  return isPaid && intent.amount_received === move.amount_minor;
}
