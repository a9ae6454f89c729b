import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../lib/database.ts';
import type { Payment as PaymentRow } from '../lib/tables/payments.ts';

const PAGE = 50;

/** A payment as a list shows it. */
export interface ListedPayment {
  id: string;
  workspace_id: string;
  workspace_name: string;
  type: PaymentRow['type'];
  status: PaymentRow['status'];
  provider: PaymentRow['provider'];
  total_minor: bigint;
  refunded_minor: bigint;
  currency: string;
  created_at: Date;
  completed_at: Date | null;
  /** What was sold: the name that it had when it was ordered. */
  sold: string;
  /** What was sold with it of credits; undefined where it says nothing of them, as in a refund. */
  credits_micro: bigint | undefined;
  /** Of its invoice, or of a refund the credit note. */
  invoice_number: string | null;
}

export interface PaymentFilter {
  workspace_id?: string | undefined;
  status?: PaymentRow['status'] | undefined;
  /** Payments before this one, in the order in which they were made. */
  before?: string | undefined;
  /** The short number of a payment, or the number of its invoice, as somebody wrote it. */
  number?: string | undefined;
}

/** A page of the payments that the connection may see, the newest first. */
export async function paymentPage(
  db: Db,
  { workspace_id, status, before, number }: PaymentFilter,
): Promise<{ payments: ListedPayment[]; older: string | undefined }> {
  let query = selectListed(db)
    .orderBy('p.id', 'desc')
    .limit(PAGE + 1);
  if (workspace_id !== undefined) query = query.where('p.workspace_id', '=', workspace_id);
  if (status !== undefined) query = query.where('p.status', '=', status);
  if (before !== undefined) query = query.where('p.id', '<', before);
  if (number !== undefined) {
    const written = number.replace(/\s/g, '');
    // Each by an index of its own: of "or" over two tables the planner makes a scan of both.
    query = query.where(
      'p.id',
      'in',
      sql<string>`(select id from payments where right(id::text, 12) = ${written.toLowerCase()}
        union select payment_id from invoices where number = ${written.toUpperCase()})`,
    );
  }
  const rows = await query.execute();
  const payments = rows.slice(0, PAGE).map(readListed);
  return { payments, older: rows.length > PAGE ? payments.at(-1)?.id : undefined };
}

/** How many payments a workspace has made. */
export async function countPayments(db: Db, workspaceId: string): Promise<number> {
  const { count } = await db
    .selectFrom('payments')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('type', '<>', 'refund')
    .where('status', 'in', ['completed', 'refunded', 'disputed'])
    .executeTakeFirstOrThrow();
  return count;
}

/** Everything about one payment that staff look at: events of Stripe, refunds and disputes. */
export async function paymentReport(db: Db, id: string) {
  const row = await selectListed(db)
    .select(['p.wallet_id', 'p.person_id', 'p.subtotal_minor', 'p.discount_minor', 'p.tax_minor'])
    .select(['p.checkout_session_id', 'p.payment_intent_id', 'p.failure', 'p.livemode'])
    .select(['p.parent_payment_id', 'p.reason', 'p.bank_reference', 'p.bank_received_on'])
    .where('p.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const [events, refunds, disputes, lots] = await Promise.all([
    db
      .selectFrom('stripe_events')
      .select(['id', 'type', 'state', 'note', 'created_at', 'received_at'])
      .where('payment_id', '=', id)
      .orderBy('created_at')
      .orderBy('received_at')
      .execute(),
    selectListed(db)
      .select('p.reason')
      .where('p.parent_payment_id', '=', id)
      .orderBy('p.id')
      .execute(),
    db.selectFrom('disputes').selectAll().where('payment_id', '=', id).orderBy('id').execute(),
    db
      .selectFrom('lots')
      .select([
        'number',
        'source',
        'granted',
        'available',
        'held',
        'consumed',
        'expired',
        'removed',
      ])
      .where('payment_id', '=', id)
      .where('wallet_id', '=', row.wallet_id)
      .orderBy('number')
      .execute(),
  ]);
  return {
    payment: { ...row, ...readListed(row) },
    events,
    refunds: refunds.map((one) => ({ ...readListed(one), reason: one.reason })),
    disputes,
    lots,
  };
}

export type PaymentReport = NonNullable<Awaited<ReturnType<typeof paymentReport>>>;

function selectListed(db: Db) {
  return db
    .selectFrom('payments as p')
    .innerJoin('workspaces as w', 'w.id', 'p.workspace_id')
    .leftJoin('invoices as i', 'i.payment_id', 'p.id')
    .select(['p.id', 'p.workspace_id', 'w.name as workspace_name', 'p.type', 'p.status'])
    .select('i.number as invoice_number')
    .select(['p.provider', 'p.total_minor', 'p.refunded_minor', 'p.currency'])
    .select(['p.created_at', 'p.completed_at', 'p.catalogue']);
}

type ListedRow = Awaited<ReturnType<ReturnType<typeof selectListed>['execute']>>[number];

function readListed({ catalogue, ...row }: ListedRow): ListedPayment {
  const { name, credits_micro, bonus_micro, promo } = ListedSold.parse(catalogue);
  const added = bonus_micro + (promo?.credits_micro ?? 0n);
  const credits = credits_micro === undefined ? undefined : credits_micro + added;
  return { ...row, sold: name, credits_micro: credits };
}

const micro = z.string().regex(/^\d+$/).transform(BigInt);
const ListedSold = z.looseObject({
  name: z.string().default(''),
  credits_micro: micro.optional(),
  bonus_micro: micro.default(0n),
  promo: z.looseObject({ credits_micro: micro }).optional(),
});
