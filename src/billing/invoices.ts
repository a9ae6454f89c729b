import { z } from 'zod';
import { TAX_ID_KINDS } from '../core/tax-ids.ts';
import { type InvoiceKind, creditedParts, invoiceNumber, seriesOf } from '../core/invoices.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { type InvoiceLine, StoredLines, linesOf } from './documents/invoice-lines.ts';
import { Seller, sellerOf } from './seller.ts';

/** An invoice or a credit note, as it was issued. */
export interface Invoice {
  id: string;
  payment_id: string;
  kind: InvoiceKind;
  /** Of a credit note: the number of the invoice that it corrects. */
  corrects: string | null;
  number: string;
  livemode: boolean;
  issued_at: Date;
  seller: Seller;
  buyer: InvoiceBuyer;
  lines: InvoiceLine[];
  subtotal_minor: bigint;
  discount_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
}

export type InvoiceBuyer = z.output<typeof Buyer>;

/** What is known of who buys; less than on a letter when the workspace has given no details. */
const Buyer = z.object({
  name: z.string(),
  address: z.array(z.string()),
  country: z.string().nullable(),
  tax_id: z.string().nullable(),
  tax_id_kind: z.enum(TAX_ID_KINDS).nullable(),
  email: z.string().nullable(),
});

/**
 * Issues the invoice of a payment that is complete, once: asked again it finds it. The number is
 * taken under the lock of its series until the transaction ends, so call it last, after whatever
 * locks wallets.
 * @param lines what was sold, where it is no package whose lines can be told from the payment
 */
export async function issueInvoice(
  trx: Trx,
  paymentId: string,
  lines?: readonly InvoiceLine[],
): Promise<{ number: string }> {
  const known = await numberOf(trx, paymentId);
  if (known !== undefined) return known;
  const payment = await trx
    .selectFrom('payments')
    .select(['id', 'workspace_id', 'livemode', 'completed_at', 'currency', 'catalogue'])
    .select(['subtotal_minor', 'discount_minor', 'tax_minor', 'total_minor'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  const { catalogue, completed_at, ...amounts } = payment;
  if (completed_at === null) throw new Error(`payment ${paymentId} is not complete`);
  return write(trx, {
    ...amounts,
    kind: 'invoice',
    corrects_id: null,
    payment_id: paymentId,
    issued_at: completed_at,
    buyer: await buyerOf(trx, paymentId),
    lines: lines ?? linesOf(catalogue, payment.subtotal_minor),
  });
}

/**
 * Issues the credit note of a refund that has succeeded, once, with the buyer of the invoice that it
 * corrects. Of the tax it takes the same ratio as of the whole. Call it last, as `issueInvoice`, with
 * the payment locked that was refunded: what was credited before is counted here.
 * A refund that failed after it had succeeded leaves its credit note behind, which then counts for
 * the refund that is made in its place.
 * @returns undefined when there was no invoice to correct, or nothing left of it
 */
export async function issueCreditNote(
  trx: Trx,
  refundPaymentId: string,
): Promise<{ number: string } | undefined> {
  const known = await numberOf(trx, refundPaymentId);
  if (known !== undefined) return known;
  const refund = await trx
    .selectFrom('payments as r')
    .innerJoin('invoices as i', 'i.payment_id', 'r.parent_payment_id')
    .select(['r.total_minor as refunded_minor', 'r.completed_at', 'r.created_at'])
    .select(['i.id', 'i.number', 'i.workspace_id', 'i.livemode', 'i.currency', 'i.buyer'])
    .select(['i.total_minor', 'i.tax_minor'])
    .where('r.id', '=', refundPaymentId)
    .where('r.type', '=', 'refund')
    .executeTakeFirst();
  if (refund === undefined) return undefined;
  const before = await trx
    .selectFrom('invoices')
    .select((select) => select.fn.sum<string | null>('total_minor').as('credited'))
    .where('corrects_id', '=', refund.id)
    .executeTakeFirstOrThrow();
  const credited = BigInt(before.credited ?? 0);
  const left = refund.total_minor - credited;
  if (left === 0n) return undefined;
  const amount = refund.refunded_minor < left ? refund.refunded_minor : left;
  const parts = creditedParts(refund, credited, amount);
  return write(trx, {
    ...parts,
    discount_minor: 0n,
    kind: 'credit_note',
    corrects_id: refund.id,
    payment_id: refundPaymentId,
    workspace_id: refund.workspace_id,
    livemode: refund.livemode,
    currency: refund.currency,
    issued_at: refund.completed_at ?? new Date(),
    buyer: Buyer.parse(refund.buyer),
    lines: [
      { description: `Refund of invoice ${refund.number}`, amount_minor: parts.subtotal_minor },
    ],
  });
}

interface NewInvoice {
  workspace_id: string;
  payment_id: string;
  kind: InvoiceKind;
  corrects_id: string | null;
  livemode: boolean;
  issued_at: Date;
  buyer: InvoiceBuyer;
  lines: readonly InvoiceLine[];
  subtotal_minor: bigint;
  discount_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
}

async function write(trx: Trx, made: NewInvoice): Promise<{ number: string }> {
  const seller = await sellerOf(trx);
  const series = seriesOf({ ...made, time_zone: seller.time_zone });
  const taken = await trx
    .insertInto('invoice_counters')
    .values({ series, last_number: 1 })
    .onConflict((conflict) =>
      conflict
        .column('series')
        .doUpdateSet((set) => ({ last_number: set('invoice_counters.last_number', '+', 1) })),
    )
    .returning('last_number')
    .executeTakeFirstOrThrow();
  const number = invoiceNumber(series, taken.last_number);
  const { workspace_id, payment_id, kind, corrects_id, livemode, issued_at, currency } = made;
  await trx
    .insertInto('invoices')
    .values({
      id: newId(),
      ...{ workspace_id, payment_id, kind, corrects_id, livemode, issued_at, currency },
      ...{ series, number, number_in_series: taken.last_number },
      seller: JSON.stringify(seller),
      buyer: JSON.stringify(made.buyer),
      lines: JSON.stringify(made.lines.map(storable)),
      subtotal_minor: made.subtotal_minor,
      discount_minor: made.discount_minor,
      tax_minor: made.tax_minor,
      total_minor: made.total_minor,
    })
    .execute();
  return { number };
}

function storable(line: InvoiceLine): z.input<typeof StoredLines>[number] {
  return { ...line, amount_minor: String(line.amount_minor) };
}

/** The invoice of a payment, or the credit note of a refund, as far as the connection may see. */
export async function findInvoice(db: Db, paymentId: string): Promise<Invoice | undefined> {
  const row = await db
    .selectFrom('invoices as i')
    .leftJoin('invoices as c', 'c.id', 'i.corrects_id')
    .select(['i.id', 'i.payment_id', 'i.kind', 'i.number', 'i.livemode', 'i.issued_at'])
    .select(['c.number as corrects', 'i.seller', 'i.buyer', 'i.lines', 'i.currency'])
    .select(['i.subtotal_minor', 'i.discount_minor', 'i.tax_minor', 'i.total_minor'])
    .where('i.payment_id', '=', paymentId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    ...row,
    seller: Seller.parse(row.seller),
    buyer: Buyer.parse(row.buyer),
    lines: StoredLines.parse(row.lines),
  };
}

async function numberOf(trx: Trx, paymentId: string): Promise<{ number: string } | undefined> {
  return trx
    .selectFrom('invoices')
    .select('number')
    .where('payment_id', '=', paymentId)
    .executeTakeFirst();
}

/** Who bought: by the workspace's details, or by its name when it has given none. */
export async function buyerOf(db: Db, paymentId: string): Promise<InvoiceBuyer> {
  const row = await db
    .selectFrom('payments as p')
    .innerJoin('workspaces as w', 'w.id', 'p.workspace_id')
    .leftJoin('billing_details as d', 'd.workspace_id', 'w.id')
    .leftJoin('people as o', 'o.id', 'p.person_id')
    .select(['d.legal_name', 'd.address', 'd.country', 'd.tax_id', 'd.tax_id_kind'])
    .select(['w.name', 'w.email as customer_email', 'o.email as person_email'])
    .where('p.id', '=', paymentId)
    .executeTakeFirstOrThrow();
  return {
    name: row.legal_name ?? row.name,
    address: row.address?.split('\n') ?? [],
    country: row.country,
    tax_id: row.tax_id,
    tax_id_kind: row.tax_id_kind,
    email: row.person_email ?? row.customer_email,
  };
}
