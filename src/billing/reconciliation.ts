import { type ReconciledDay, reconcileMoves, utcDayOf } from '../core/reconciliation.ts';
import type { Connections } from '../lib/database.ts';
import { contextOf } from './events/event.ts';
import { findIntents } from './subscriptions/invoice-intents.ts';
import { confirmAtStripe } from './reconciliation/checks.ts';
import {
  ListedCharge,
  intentsKnown,
  invoicesUnbooked,
  movesAtStripe,
  movesBooked,
} from './reconciliation/books.ts';
import {
  type Outcome,
  type World,
  beginRun,
  failRun,
  finishRun,
  keepAlive,
  lastRunAt,
} from './reconciliation-runs.ts';
import { takeInListed, takeInOpen } from './reconciliation/sources.ts';
import { Tally } from './reconciliation/tally.ts';
import { pagesOf } from './reconciliation/stripe-lists.ts';
import type { WorkingProvider } from './provider.ts';

export type Reconciled =
  | ({ outcome: 'done'; id: string; since: Date } & Outcome)
  /** Another process does it at this moment. */
  | { outcome: 'under_way' }
  /** Stripe or the database did not do their part; the next run begins where this one did. */
  | { outcome: 'failed'; id: string; error: unknown };

const BEAT_MILLISECONDS = 10_000;
const HOUR_MILLISECONDS = 3_600_000;
/** A payment page can be paid for a day after it was made, and Stripe dates it by when it was made. */
const OVERLAP_HOURS = 26;
/** The first run, and the first of each day, look back further: for methods that take their time. */
const LONG_LOOK_DAYS = 35;

/**
 * Asks Stripe what has happened since the last time, and takes in what no webhook has brought: what
 * was paid is granted, what was given back is clawed back, each once. Then holds what Stripe took
 * beside what the payments say, by day. Nothing is asked inside a transaction.
 * @param options `since`: a moment to look back to, instead of the last run; `now`: the clock
 */
export async function reconcile(
  connections: Connections,
  provider: WorkingProvider,
  options: { since?: Date | undefined; now?: Date | undefined } = {},
): Promise<Reconciled> {
  const world: World = { provider: provider.mode, livemode: provider.livemode };
  const since = await beginningOf(connections, world, options);
  const run = await connections.app.transaction().execute((trx) => beginRun(trx, world, since));
  if (run === undefined) return { outcome: 'under_way' };
  try {
    const outcome = await carryOut(connections, provider, { ...run, since, world });
    await connections.app
      .transaction()
      .execute((trx) => finishRun(trx, world, { id: run.id, since }, outcome));
    return { outcome: 'done', id: run.id, since, ...outcome };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    await connections.app.transaction().execute((trx) => failRun(trx, run.id, failure));
    return { outcome: 'failed', id: run.id, error };
  }
}

/** Whole days, so that what they come to is all of them. */
async function beginningOf(
  { app }: Connections,
  world: World,
  { since, now = new Date() }: { since?: Date | undefined; now?: Date | undefined },
): Promise<Date> {
  const last = await lastRunAt(app, world);
  const isFirstOfDay = last === undefined || dayOf(last) < dayOf(now);
  const back = isFirstOfDay ? LONG_LOOK_DAYS * 24 : OVERLAP_HOURS;
  const from = isFirstOfDay ? now : last;
  return new Date(dayOf(since ?? new Date(from.getTime() - back * HOUR_MILLISECONDS)));
}

function dayOf(at: Date): string {
  return utcDayOf(at.getTime() / 1000);
}

interface Running {
  id: string;
  started_at: Date;
  since: Date;
  world: World;
}

async function carryOut(
  connections: Connections,
  provider: WorkingProvider,
  { id, started_at, since, world }: Running,
): Promise<Outcome> {
  const { staff } = connections;
  let heardAt = performance.now();
  const beat = async (): Promise<void> => {
    if (performance.now() - heardAt < BEAT_MILLISECONDS) return;
    if (!(await keepAlive(connections.app, id))) throw new Error('the run was given up as silent');
    heardAt = performance.now();
  };
  // The charges come first: whatever was taken by then has its session or intent in what follows.
  const tally = new Tally(connections, contextOf(connections, provider), beat);
  const charges = await chargesSince(provider, since, tally);
  const listed = await takeInListed(provider, since, tally);
  const charged = charges.flatMap(({ metadata }) => metadata.scrip_payment ?? []);
  await takeInOpen(provider, world, { charged, started_at }, tally);
  await findIntents(connections, provider);
  const books = { charges, ...listed };
  const known = await intentsKnown(staff, world, books);
  const atStripe = movesAtStripe(books, known, await invoicesUnbooked(staff, books));
  const window = { since, until: started_at };
  const booked = await movesBooked(staff, world, atStripe, window);
  const days = reconcileMoves(atStripe, await confirmAtStripe(provider, atStripe, booked, beat));
  return { ...tally.result(), days, agrees: tally.failed === 0 && isWithout(days) };
}

async function chargesSince(
  { stripe }: WorkingProvider,
  since: Date,
  tally: Tally,
): Promise<ListedCharge[]> {
  const charges: ListedCharge[] = [];
  for await (const page of pagesOf((request) => stripe.charges.list(request), since)) {
    for (const object of page) {
      await tally.takeIn(object.id, () => {
        const charge = ListedCharge.parse(object);
        const isTaken = charge.status === 'succeeded' && charge.captured !== false;
        if (isTaken) charges.push(slim(charge));
        return Promise.resolve(undefined);
      });
    }
  }
  return charges;
}

/** Of a month of charges only that is kept which is read. */
function slim({ id, created, status, ...charge }: ListedCharge): ListedCharge {
  const { payment_intent, amount, amount_refunded, currency, metadata } = charge;
  const { scrip_payment } = metadata;
  const kept = { payment_intent, amount, amount_refunded, currency };
  return { id, created, status, ...kept, metadata: { scrip_payment } };
}

function isWithout(days: readonly ReconciledDay[]): boolean {
  return days.every(({ differences }) => differences.length === 0);
}
