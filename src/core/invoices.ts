/** What is decided of invoices without asking anybody: their numbers, and what a refund corrects. */

export type InvoiceKind = 'invoice' | 'credit_note';

/**
 * The series that a document is numbered in, by the year in the seller's time zone. Payments in
 * which no money moved have series of their own, so that the real ones have no gap.
 */
export function seriesOf(document: {
  kind: InvoiceKind;
  livemode: boolean;
  issued_at: Date;
  time_zone: string;
}): string {
  const { issued_at, time_zone: timeZone } = document;
  const year = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric' }).format(issued_at);
  const parts = [document.livemode ? [] : 'TEST', document.kind === 'credit_note' ? 'CN' : []];
  return [...parts.flat(), year].join('-');
}

const DIGITS = 6;

/** The number that a document carries: "2026-000123", "CN-2026-000007". */
export function invoiceNumber(series: string, numberInSeries: number): string {
  return `${series}-${String(numberInSeries).padStart(DIGITS, '0')}`;
}

/**
 * The parts of a credit note: of the tax, the same ratio as of the whole. Always counted from all
 * that was credited, so that credit notes in parts say as much as one of their sum, and the last one
 * takes what rounding left.
 */
export function creditedParts(
  invoice: { total_minor: bigint; tax_minor: bigint },
  creditedBefore: bigint,
  amount: bigint,
): { subtotal_minor: bigint; tax_minor: bigint; total_minor: bigint } {
  const { total_minor, tax_minor } = invoice;
  const credited = creditedBefore + amount;
  if (creditedBefore < 0n || amount <= 0n || credited > total_minor) {
    throw new Error(`${credited} of ${total_minor} minor units cannot have been refunded`);
  }
  const tax = (tax_minor * credited) / total_minor - (tax_minor * creditedBefore) / total_minor;
  return { subtotal_minor: amount - tax, tax_minor: tax, total_minor: amount };
}
