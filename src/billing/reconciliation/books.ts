import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../lib/database.ts';
import { type BookedMove, type MoneyMove, utcDayOf } from '../../core/reconciliation.ts';
import type { World } from '../reconciliation-runs.ts';
import { Charge, type Dispute, Refund, minorOrNull } from '../stripe-objects.ts';
import type { StripeInvoice } from '../subscriptions/objects.ts';

/** As Stripe lists them; an event may say less. */
export const ListedCharge = Charge.extend({
  created: z.int(),
  status: z.string(),
  captured: z.boolean().nullish(),
  amount_refunded: minorOrNull.transform((amount) => amount ?? 0n),
});
export type ListedCharge = z.output<typeof ListedCharge>;
export const ListedRefund = Refund.extend({ created: z.int() });
export type ListedRefund = z.output<typeof ListedRefund>;
/** What Stripe says of money since a moment, of whosesoever payments. */
export interface StripeBooks {
  charges: readonly ListedCharge[];
  /** Paid ones of our subscriptions. */
  invoices: readonly StripeInvoice[];
  refunds: readonly ListedRefund[];
  disputes: readonly Dispute[];
}

/** Our payments by their payment intents: also of what was given back or disputed much later. */
export async function intentsKnown(
  db: Db,
  world: World,
  { charges, refunds, disputes }: StripeBooks,
): Promise<Map<string, string>> {
  const named = [...charges, ...refunds, ...disputes].flatMap((one) => one.payment_intent ?? []);
  const known = new Map<string, string>();
  for (const some of chunksOf([...new Set(named)])) {
    const rows = await selectPayments(db, world)
      .select(['p.id', 'p.payment_intent_id'])
      .where('p.payment_intent_id', 'in', some)
      .execute();
    for (const { id, payment_intent_id } of rows) known.set(payment_intent_id ?? '', id);
  }
  return known;
}

/** Which paid invoices of our subscriptions nothing was booked for. */
export async function invoicesUnbooked(
  db: Db,
  { invoices }: StripeBooks,
): Promise<ReadonlySet<string>> {
  const unbooked = new Set(
    invoices.filter(({ amount_paid }) => amount_paid > 0n).map(({ id }) => id),
  );
  for (const some of chunksOf([...unbooked])) {
    const rows = await db
      .selectFrom('payments')
      .select('stripe_invoice_id')
      .where('stripe_invoice_id', 'in', some)
      .execute();
    for (const { stripe_invoice_id } of rows) unbooked.delete(stripe_invoice_id ?? '');
  }
  return unbooked;
}

/**
 * The money of ours that Stripe tells of. A charge that was given back whole before anything was
 * booked for it, as a second one for an order, leaves nothing to agree on.
 */
export function movesAtStripe(
  { charges, invoices, refunds, disputes }: StripeBooks,
  known: ReadonlyMap<string, string>,
  unbooked: ReadonlySet<string>,
): MoneyMove[] {
  const ours = charges.filter(
    ({ payment_intent, metadata }) =>
      known.has(payment_intent ?? '') || metadata.scrip_payment !== undefined,
  );
  const isUndone = (charge: ListedCharge): boolean =>
    !known.has(charge.payment_intent ?? '') && charge.amount_refunded === charge.amount;
  const left = new Map(ours.filter((one) => !isUndone(one)).map((one) => [one.id, one]));
  const paymentOf = (about: { charge: string | null; payment_intent: string | null }) =>
    known.get(about.payment_intent ?? left.get(about.charge ?? '')?.payment_intent ?? '');
  const isOurs = (about: { charge: string | null; payment_intent: string | null }): boolean =>
    left.has(about.charge ?? '') || paymentOf(about) !== undefined;
  return [
    ...[...left.values()].map((charge) => ({
      ...common(charge),
      kind: 'charge' as const,
      id: charge.payment_intent ?? charge.id,
      payment_id: known.get(charge.payment_intent ?? '') ?? charge.metadata.scrip_payment,
    })),
    // A charge does not say of which invoice it is. One that is booked is found by its intent.
    ...invoices
      .filter(({ id }) => unbooked.has(id))
      .map(({ id, currency, amount_paid, created }) => ({
        ...common({ id, currency, amount: amount_paid, created: created ?? 0 }),
        kind: 'charge' as const,
      })),
    ...refunds
      .filter((one) => isOurs(one) && !isOver(one.status))
      .map((one) => ({ ...common(one), kind: 'refund' as const, payment_id: paymentOf(one) })),
    ...disputes
      .filter((one) => isOurs(one) && hasTaken(one.status))
      .map((one) => ({ ...common(one), kind: 'dispute' as const, payment_id: paymentOf(one) })),
  ];
}

/** What our payments say of the same, and what they took since that Stripe does not tell of. */
export async function movesBooked(
  db: Db,
  world: World,
  atStripe: readonly MoneyMove[],
  window: { since: Date; until: Date },
): Promise<BookedMove[]> {
  const idsOf = (kind: MoneyMove['kind']): string[] =>
    atStripe.flatMap((move) => (move.kind === kind ? [move.id] : []));
  const found = [
    ...(await chargesBooked(db, world, idsOf('charge'), window)),
    ...(await refundsBooked(db, world, idsOf('refund'), window)),
    ...(await disputesBooked(db, idsOf('dispute'))),
  ];
  return [...new Map(found.map((one) => [`${one.kind} ${one.id}`, one])).values()];
}

async function chargesBooked(
  db: Db,
  world: World,
  intents: readonly string[],
  { since, until }: { since: Date; until: Date },
): Promise<BookedMove[]> {
  const select = () =>
    selectPayments(db, world)
      .leftJoinLateral(
        (lots) =>
          lots
            .selectFrom('lots as l')
            .select((sum) => sum.fn.sum<bigint>('l.granted').as('granted'))
            .whereRef('l.payment_id', '=', 'p.id')
            .where('l.source', 'in', ['purchase', 'bonus'])
            .as('g'),
        (join) => join.onTrue(),
      )
      .select(['p.id', 'p.type', 'p.payment_intent_id', 'p.currency', 'p.total_minor'])
      .select(['p.catalogue', 'p.completed_at', 'p.stripe_invoice_id'])
      .select(sql<string>`coalesce(g.granted, 0)::text`.as('granted'))
      .where('p.type', '!=', 'refund')
      .where('p.total_minor', '>', 0n)
      .where('p.completed_at', 'is not', null);
  const rows = await select()
    .where('p.completed_at', '>=', since)
    .where('p.completed_at', '<', until)
    // The demo's purchases were never at Stripe.
    .where(sql<boolean>`coalesce(p.checkout_session_id, '') not like 'cs_demo_%'`)
    .execute();
  for (const some of chunksOf(intents)) {
    rows.push(...(await select().where('p.payment_intent_id', 'in', some).execute()));
  }
  return rows.map((row) => {
    const sold = row.type === 'credit_purchase' ? Sold.parse(row.catalogue) : undefined;
    const granted_micro = sold === undefined ? 0n : BigInt(row.granted);
    return {
      ...{ kind: 'charge', payment_id: row.id },
      id: row.payment_intent_id ?? row.stripe_invoice_id ?? row.id,
      ...{ day: dayOf(row.completed_at), currency: row.currency, amount_minor: row.total_minor },
      ...{ sold_micro: (sold?.credits_micro ?? 0n) + (sold?.bonus_micro ?? 0n), granted_micro },
    };
  });
}

async function refundsBooked(
  db: Db,
  world: World,
  ids: readonly string[],
  { since, until }: { since: Date; until: Date },
): Promise<BookedMove[]> {
  const select = () =>
    selectPayments(db, world)
      .select(['p.stripe_refund_id', 'p.parent_payment_id', 'p.currency', 'p.total_minor'])
      .select('p.completed_at')
      .where('p.type', '=', 'refund')
      .where('p.stripe_refund_id', 'is not', null)
      .where('p.status', 'in', ['pending', 'completed']);
  const rows = await select()
    .where('p.completed_at', '>=', since)
    .where('p.completed_at', '<', until)
    .execute();
  for (const some of chunksOf(ids)) {
    rows.push(...(await select().where('p.stripe_refund_id', 'in', some).execute()));
  }
  return rows.map((row) => ({
    ...{ kind: 'refund', id: row.stripe_refund_id ?? '', ...NO_CREDITS },
    payment_id: row.parent_payment_id ?? undefined,
    ...{ day: dayOf(row.completed_at), currency: row.currency, amount_minor: row.total_minor },
  }));
}

async function disputesBooked(db: Db, ids: readonly string[]): Promise<BookedMove[]> {
  const moves: BookedMove[] = [];
  for (const some of chunksOf(ids)) {
    const rows = await db
      .selectFrom('disputes')
      .select(['id', 'payment_id', 'amount_minor', 'currency', 'created_at'])
      .where('id', 'in', some)
      .where('status', 'in', ['open', 'lost'])
      .execute();
    moves.push(
      ...rows.map(({ created_at, ...row }) => ({
        ...{ kind: 'dispute' as const, day: dayOf(created_at), ...NO_CREDITS },
        ...row,
      })),
    );
  }
  return moves;
}

const NO_CREDITS = { sold_micro: 0n, granted_micro: 0n };

function selectPayments(db: Db, { provider, livemode }: World) {
  return db
    .selectFrom('payments as p')
    .where('p.provider', '=', provider)
    .where('p.livemode', '=', livemode);
}

function common(one: { id: string; created: number; currency: string; amount: bigint }) {
  const { id, created, currency, amount } = one;
  return { id, day: utcDayOf(created), currency, amount_minor: amount };
}

function dayOf(at: Date | null): string {
  return utcDayOf((at ?? new Date(0)).getTime() / 1000);
}

/** A refund that is over gave nothing back; one that is pending has left already. */
function isOver(status: string | null | undefined): boolean {
  return status === 'failed' || status === 'canceled';
}

/** A warning asks for nothing back yet; what is won is given back. */
function hasTaken(status: string): boolean {
  return !status.startsWith('warning') && status !== 'won' && status !== 'prevented';
}

const AT_ONCE = 1000;

function chunksOf<Value>(values: readonly Value[]): Value[][] {
  const count = Math.ceil(values.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
}

const wholeNumber = z.string().regex(/^\d+$/).transform(BigInt);
const Sold = z.looseObject({ credits_micro: wholeNumber, bonus_micro: wholeNumber });
