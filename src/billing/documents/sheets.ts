import { countryName } from '../../core/countries.ts';
import { formatMoney } from '../../core/money.ts';
import { TAX_ID_LABELS, type TaxIdKind, kindOfTaxId } from '../../core/tax-ids.ts';
import { showFor } from '../../lib/formatting.ts';
import type { Invoice, InvoiceBuyer } from '../invoices.ts';
import type { InvoiceLine } from './invoice-lines.ts';
import type { Seller } from '../seller.ts';

/**
 * A document for print: all that the page and the PDF say, as it stands there. It is written once
 * for all who read it, in the seller's time zone, so that both always agree.
 */
export interface Sheet {
  title: string;
  number: string;
  /** What makes it no document that counts, in a sentence. */
  warning?: string;
  facts: Fact[];
  seller: Party;
  buyer: Party;
  rows: { description: string; detail?: string | undefined; amount: string }[];
  /** The last one is the total. */
  sums: Fact[];
  /** What to do with it: where to pay. */
  payment?: { title: string; facts: Fact[]; lines: string[] };
}

export interface Fact {
  label: string;
  value: string;
}

interface Party {
  label: string;
  name: string;
  lines: string[];
}

/** How an invoice was paid, or a credit note paid out. */
export interface HowPaid {
  provider: 'stripe' | 'simulated' | 'transfer';
  bank_received_on: string | null;
  bank_reference: string | null;
  /** The short number of the payment. */
  payment_number: string;
}

/** The sheet of an invoice or a credit note. */
export function invoiceSheet(invoice: Invoice, paid: HowPaid): Sheet {
  const isInvoice = invoice.kind === 'invoice';
  const corrects = invoice.corrects === null ? [] : [fact('Corrects invoice', invoice.corrects)];
  return {
    title: isInvoice ? 'Invoice' : 'Credit note',
    number: invoice.number,
    ...(invoice.livemode ? {} : { warning: WARNING }),
    facts: [
      fact('Date', dateIn(invoice.seller, invoice.issued_at)),
      ...corrects,
      fact('Payment', paid.payment_number),
      fact(isInvoice ? 'Paid' : 'Paid back', howPaid(paid)),
    ],
    seller: sellerParty(invoice.seller),
    buyer: buyerParty(invoice.buyer),
    rows: invoice.lines.map((line) => rowOf(line, invoice.currency)),
    sums: sumsOf(invoice),
  };
}

const WARNING = 'A test: no money moved, and nothing can be claimed by this document.';

/** What a pro-forma invoice asks for. */
export interface ProForma {
  number: string;
  livemode: boolean;
  ordered_at: Date;
  due_at: Date;
  lines: readonly InvoiceLine[];
  total_minor: bigint;
  currency: string;
}

/** The sheet of an order that is to be paid by bank transfer. */
export function proFormaSheet(order: ProForma, seller: Seller, buyer: InvoiceBuyer): Sheet {
  const total = formatMoney(order.total_minor, order.currency);
  return {
    title: 'Pro-forma invoice',
    number: order.number,
    ...(order.livemode ? {} : { warning: WARNING }),
    facts: [
      fact('Ordered', dateIn(seller, order.ordered_at)),
      fact('Due', dateIn(seller, order.due_at)),
    ],
    seller: sellerParty(seller),
    buyer: buyerParty(buyer),
    rows: order.lines.map((line) => rowOf(line, order.currency)),
    sums: [fact('Total', total)],
    payment: {
      title: 'How to pay',
      facts: [
        fact('Amount', total),
        fact('Reference', order.number),
        fact('Until', dateIn(seller, order.due_at)),
      ],
      lines: seller.bank,
    },
  };
}

function fact(label: string, value: string): Fact {
  return { label, value };
}

function dateIn({ time_zone }: Seller, at: Date): string {
  return showFor({ time_zone, locale: 'en' }).date(at);
}

function howPaid({ provider, bank_received_on, bank_reference }: HowPaid): string {
  if (provider === 'stripe') return 'Through Stripe';
  if (provider === 'simulated') return 'Simulated';
  if (bank_received_on === null || bank_reference === null) return 'By bank transfer';
  const day = showFor({ time_zone: 'UTC', locale: 'en' }).date(new Date(bank_received_on));
  return `By bank transfer, ${day}, ${bank_reference}`;
}

function sellerParty(seller: Seller): Party {
  const { country = '', tax_id } = seller;
  return {
    label: 'From',
    name: seller.name,
    lines: [
      ...seller.address,
      ...(country === '' ? [] : [countryName(country)]),
      ...(tax_id === undefined ? [] : [taxIdLine(tax_id, kindOfTaxId(tax_id, country))]),
      ...(seller.email === undefined ? [] : [seller.email]),
    ],
  };
}

function buyerParty(buyer: InvoiceBuyer): Party {
  const { country, tax_id, tax_id_kind } = buyer;
  return {
    label: 'To',
    name: buyer.name,
    lines: [
      ...buyer.address,
      ...(country === null ? [] : [countryName(country)]),
      ...(tax_id === null ? [] : [taxIdLine(tax_id, tax_id_kind ?? 'other')]),
      ...(buyer.email === null ? [] : [buyer.email]),
    ],
  };
}

function taxIdLine(taxId: string, kind: TaxIdKind): string {
  return `${TAX_ID_LABELS[kind]} ${taxId}`;
}

function rowOf(line: InvoiceLine, currency: string): Sheet['rows'][number] {
  const { description, detail } = line;
  return { description, detail, amount: formatMoney(line.amount_minor, currency) };
}

function sumsOf(invoice: Invoice): Fact[] {
  const { subtotal_minor, discount_minor, tax_minor, total_minor, currency } = invoice;
  const money = (minor: bigint): string => formatMoney(minor, currency);
  const parts = [
    fact('Net', money(subtotal_minor)),
    ...(discount_minor === 0n ? [] : [fact('Discount', money(-discount_minor))]),
    ...(tax_minor === 0n ? [] : [fact('Tax', money(tax_minor))]),
  ];
  const total = fact(invoice.kind === 'invoice' ? 'Total' : 'Credited', money(total_minor));
  return parts.length > 1 ? [...parts, total] : [total];
}
