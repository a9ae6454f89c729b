import { sql } from 'kysely';
import type { z } from 'zod';
import type { Db } from '../../lib/database.ts';
import { workOfDispute } from '../disputes.ts';
import type { EventContext } from '../events/event.ts';
import { workOfIntent } from '../payments/paid-intents.ts';
import { workOfSession } from '../payments/paid-sessions.ts';
import type { WorkingProvider } from '../provider.ts';
import { ListedRefund, type StripeBooks } from './books.ts';
import type { World } from '../reconciliation-runs.ts';
import type { Tally, Work } from './tally.ts';
import { workOfRefund } from '../refunds.ts';
import { pagesOf, retrieved } from './stripe-lists.ts';
import { CheckoutSession, Dispute, PaymentIntent, type Refund } from '../stripe-objects.ts';
import { namesIn, workOfPaidInvoice } from '../subscriptions/invoices.ts';
import { subscriptionToldOf } from '../subscriptions/told.ts';
import { StripeInvoice } from '../subscriptions/objects.ts';

/** Takes in all that Stripe's lists have since a moment; returns what the books are held beside. */
export async function takeInListed(
  { stripe }: WorkingProvider,
  since: Date,
  tally: Tally,
): Promise<Omit<StripeBooks, 'charges'>> {
  const { context } = tally;
  const invoices: StripeInvoice[] = [];
  const refunds: ListedRefund[] = [];
  const disputes: Dispute[] = [];
  const each = async <Schema extends z.ZodType>(
    schema: Schema,
    list: Parameters<typeof pagesOf>[0],
    work: (object: z.output<Schema>) => Promise<Work>,
  ): Promise<void> => {
    for await (const page of pagesOf(list, since)) {
      // Of two that are paid for one order the older is granted, as their webhooks would have it.
      for (const object of page.toReversed()) {
        await tally.takeIn(object.id, () => work(schema.parse(object)));
      }
    }
  };
  await each(
    CheckoutSession,
    (request) => stripe.checkout.sessions.list(request),
    (session) => takeInSession(context, session),
  );
  await each(
    PaymentIntent,
    (request) => stripe.paymentIntents.list(request),
    (intent) => workOfIntent(context, intent),
  );
  await each(
    StripeInvoice,
    (request) => stripe.invoices.list({ ...request, status: 'paid' }),
    async (invoice) => {
      if ((await subscriptionToldOf(context.staff, namesIn(invoice))) !== undefined) {
        invoices.push(invoice);
      }
      return workOfPaidInvoice(context, invoice, invoice.paid_at);
    },
  );
  await each(
    ListedRefund,
    (request) => stripe.refunds.list(request),
    (refund) => {
      refunds.push(refund);
      return takeInRefund(context, refund);
    },
  );
  await each(
    Dispute,
    (request) => stripe.disputes.list(request),
    (dispute) => {
      disputes.push(dispute);
      return workOfDispute(context, dispute);
    },
  );
  return { invoices, refunds, disputes };
}

/** One that is open says nothing yet. */
function takeInSession(context: EventContext, session: CheckoutSession): Promise<Work> {
  if (session.status === 'open') return Promise.resolve(undefined);
  return workOfSession(context, session);
}

async function takeInRefund(context: EventContext, refund: Refund): Promise<Work> {
  const known = await context.staff
    .selectFrom('payments')
    .select('status')
    .where('stripe_refund_id', '=', refund.id)
    .executeTakeFirst();
  const isOver = refund.status === 'failed' || refund.status === 'canceled';
  const isNews =
    known === undefined ||
    (known.status === 'completed' && isOver) ||
    (known.status === 'pending' && refund.status !== 'pending');
  return isNews ? workOfRefund(context, refund) : undefined;
}

/** After so long the webhook should have come. */
const PATIENCE_MINUTES = 60;
const OPEN_MAX = 500;

/**
 * Asks one by one for what waits for news, however long ago it began: payment pages that are open
 * for long, or whose payment Stripe has charged, which is how the money of methods that take days
 * is seen to come; refunds that are pending, and disputes that nobody has decided.
 */
export async function takeInOpen(
  { stripe }: WorkingProvider,
  world: World,
  { charged, started_at }: { charged: readonly string[]; started_at: Date },
  tally: Tally,
): Promise<void> {
  const { context } = tally;
  const long = new Date(started_at.getTime() - PATIENCE_MINUTES * 60_000);
  const asked = async (
    ids: readonly (string | null)[],
    ask: (id: string) => Promise<Work>,
  ): Promise<void> => {
    for (const id of ids.filter((one) => one !== null)) {
      await tally.takeIn(id, () => ask(id));
    }
  };
  await asked(await openSessions(context.staff, world, charged, long), async (id) => {
    const session = await retrieved(CheckoutSession, stripe.checkout.sessions.retrieve(id));
    return session === undefined ? UNKNOWN : takeInSession(context, session);
  });
  await asked(await openRefunds(context.staff, world, long), async (id) => {
    const refund = await retrieved(ListedRefund, stripe.refunds.retrieve(id));
    return refund === undefined ? UNKNOWN : takeInRefund(context, refund);
  });
  await asked(await openDisputes(context.staff, world, long), async (id) => {
    const dispute = await retrieved(Dispute, stripe.disputes.retrieve(id));
    return dispute === undefined ? UNKNOWN : workOfDispute(context, dispute);
  });
}

const UNKNOWN = { state: 'flagged', note: 'Stripe does not know it' } as const;

function selectPending(db: Db, { provider, livemode }: World) {
  return db
    .selectFrom('payments')
    .where('status', '=', 'pending')
    .where('provider', '=', provider)
    .where('livemode', '=', livemode)
    .orderBy('created_at')
    .limit(OPEN_MAX);
}

async function openSessions(db: Db, world: World, charged: readonly string[], long: Date) {
  const rows = await selectPending(db, world)
    .select('checkout_session_id as id')
    .where('checkout_session_id', 'is not', null)
    .where((row) => row.or([row('created_at', '<', long), sql<boolean>`id = any(${charged})`]))
    .execute();
  return rows.map(({ id }) => id);
}

async function openRefunds(db: Db, world: World, long: Date) {
  const rows = await selectPending(db, world)
    .select('stripe_refund_id as id')
    .where('stripe_refund_id', 'is not', null)
    .where('created_at', '<', long)
    .execute();
  return rows.map(({ id }) => id);
}

async function openDisputes(db: Db, { provider, livemode }: World, long: Date) {
  const rows = await db
    .selectFrom('disputes as d')
    .innerJoin('payments as p', 'p.id', 'd.payment_id')
    .select('d.id')
    .where('d.status', 'in', ['warning', 'open'])
    .where('d.created_at', '<', long)
    .where('p.provider', '=', provider)
    .where('p.livemode', '=', livemode)
    .orderBy('d.created_at')
    .limit(OPEN_MAX)
    .execute();
  return rows.map(({ id }) => id);
}
