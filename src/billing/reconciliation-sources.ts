import { sql } from 'kysely';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import type { EventContext, EventResult, EventWork } from './events/event.ts';
import { workOfIntent } from './paid-intents.ts';
import { workOfSession } from './paid-sessions.ts';
import type { WorkingProvider } from './provider.ts';
import type { Finding, World } from './reconciliation-runs.ts';
import { pagesOf, retrieved } from './stripe-lists.ts';
import type { ListedRefund } from './reconciliation-books.ts';
import { CheckoutSession, type Dispute, PaymentIntent } from './stripe-objects.ts';
import { clashOf } from './webhook.ts';

type Work = EventWork | EventResult | undefined;

/** Takes objects of Stripe's in, one after the other, and counts what came of them. */
export class Tally {
  readonly connections: Connections;
  readonly context: EventContext;
  /** Says that the run is alive; throws when it is not this process's any more. */
  readonly beat: () => Promise<void>;
  readonly #findings: Finding[] = [];
  #looked_at = 0;
  #changed = 0;

  constructor(connections: Connections, context: EventContext, beat: () => Promise<void>) {
    this.connections = connections;
    this.context = context;
    this.beat = beat;
  }

  /** How many objects could not be taken in: the next run tries them again. */
  get failed(): number {
    return this.#findings.filter(({ state }) => state === 'failed').length;
  }

  result(): { looked_at: number; changed: number; findings: readonly Finding[] } {
    return { looked_at: this.#looked_at, changed: this.#changed, findings: this.#findings };
  }

  /** Does what an object asks for, in a transaction of its own. One that fails keeps no other out. */
  async takeIn(object: string, find: () => Promise<Work>): Promise<void> {
    let work: Work;
    try {
      work = await find();
      if (work === undefined) return;
      this.#looked_at += 1;
      const result = 'state' in work ? work : await this.#carryOut(work);
      if (result.state === 'flagged') this.#find(object, work, result.note ?? '', 'flagged');
      else if (result.state === 'done' && result.note === undefined) this.#changed += 1;
    } catch (error) {
      const clash = clashOf(error);
      if (clash !== undefined) this.#find(object, work, clash, 'flagged');
      else this.#find(object, work, reasonOf(error), 'failed');
    }
  }

  #carryOut(work: EventWork): Promise<EventResult> {
    return inWorkspace(this.connections.app, work.workspace_id, (trx) => work.run(trx));
  }

  #find(object: string, work: Work, note: string, state: Finding['state']): void {
    const about = work === undefined || 'state' in work ? undefined : work.payment_id;
    this.#findings.push({ object, payment_id: about ?? null, note, state });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return `not as Stripe documents it: ${z.prettifyError(error)}`;
  return error instanceof Error ? error.message : String(error);
}

/** Takes in all that Stripe's lists have since a moment; returns what the books are held beside. */
export async function takeInListed(
  { stripe }: WorkingProvider,
  since: Date,
  tally: Tally,
): Promise<{ refunds: ListedRefund[]; disputes: Dispute[] }> {
  const { context } = tally;
  const each = async <Schema extends z.ZodType>(
    schema: Schema,
    list: Parameters<typeof pagesOf>[0],
    work: (object: z.output<Schema>) => Promise<Work>,
  ): Promise<void> => {
    for await (const page of pagesOf(list, since)) {
      await tally.beat();
      for (const object of page) {
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
  return { refunds: [], disputes: [] };
}

/** One that is open says nothing yet. */
function takeInSession(context: EventContext, session: CheckoutSession): Promise<Work> {
  if (session.status === 'open') return Promise.resolve(undefined);
  return workOfSession(context, session);
}

/** After so long the webhook should have come. */
const PATIENCE_MINUTES = 60;
const OPEN_MAX = 500;

/**
 * Asks one by one for the payment pages of payments that are open for long, and of those that Stripe
 * has charged. For methods that take days this is how their money is seen to come.
 */
export async function takeInOpen(
  { stripe }: WorkingProvider,
  world: World,
  { charged, started_at }: { charged: readonly string[]; started_at: Date },
  tally: Tally,
): Promise<void> {
  const long = new Date(started_at.getTime() - PATIENCE_MINUTES * 60_000);
  const open = await tally.connections.staff
    .selectFrom('payments')
    .select('checkout_session_id')
    .where('status', '=', 'pending')
    .where('provider', '=', world.provider)
    .where('livemode', '=', world.livemode)
    .where('checkout_session_id', 'is not', null)
    .where((row) => row.or([row('created_at', '<', long), sql<boolean>`id = any(${charged})`]))
    .orderBy('created_at')
    .limit(OPEN_MAX)
    .execute();
  for (const { checkout_session_id: id } of open) {
    if (id === null) continue;
    await tally.beat();
    await tally.takeIn(id, async () => {
      const session = await retrieved(CheckoutSession, stripe.checkout.sessions.retrieve(id));
      if (session === undefined) return { state: 'flagged', note: 'Stripe does not know it' };
      return takeInSession(tally.context, session);
    });
  }
}
