import { sql } from 'kysely';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { oneByOne } from '../one-by-one.ts';
import type { WorkingProvider } from '../provider.ts';

const AT_ONCE_MAX = 50;

/**
 * Asks Stripe with which payment intents invoices were paid, since no event of an invoice tells it:
 * a refund or a dispute is of the intent. What was paid without one is not asked for ever.
 */
export async function findIntents(
  connections: Connections,
  provider: WorkingProvider,
): Promise<void> {
  const unknown = await connections.staff
    .selectFrom('payments')
    .select(['id', 'workspace_id', 'stripe_invoice_id'])
    .where('stripe_invoice_id', 'is not', null)
    .where('payment_intent_id', 'is', null)
    .where('provider', '=', provider.mode)
    .where('livemode', '=', provider.livemode)
    .where('created_at', '>', sql<Date>`now() - interval '2 days'`)
    .orderBy('created_at', 'desc')
    .limit(AT_ONCE_MAX)
    .execute();
  await oneByOne(unknown, async ({ id, workspace_id, stripe_invoice_id }) => {
    if (stripe_invoice_id === null) return;
    const intent = await intentOf(provider, stripe_invoice_id);
    if (intent === undefined) return;
    await inWorkspace(connections.app, workspace_id, (trx) =>
      trx
        .updateTable('payments')
        .set({ payment_intent_id: intent, updated_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('payment_intent_id', 'is', null)
        .execute(),
    );
  });
}

async function intentOf(
  { stripe }: WorkingProvider,
  invoiceId: string,
): Promise<string | undefined> {
  const listed = await stripe.invoicePayments.list({ invoice: invoiceId, status: 'paid' });
  return InvoicePayments.parse(listed).data.find((one) => one !== undefined);
}

const InvoicePayments = z.looseObject({
  object: z.literal('list'),
  data: z.array(
    z
      .looseObject({ payment: z.looseObject({ payment_intent: z.string().nullish() }) })
      .transform(({ payment }) => payment.payment_intent ?? undefined),
  ),
});
