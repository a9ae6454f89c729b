import { decimalCredits } from '../../core/credits.ts';
import { shortestDecimal } from '../../core/decimal.ts';
import { rfc3339 } from '../../core/instant.ts';
import { QUANTITY_DECIMALS } from '../../core/price-rules.ts';
import type { ReadEntry } from '../../ledger/entries.ts';
import { type Wording, actorOf, titleOf } from '../entry-rows.ts';

/** A number is written as it is: what begins with a minus is no formula. */
export type Cell = string | { number: string } | null;

/** The clock of a zone as spreadsheets read it: "2026-11-20 14:38:07". */
export function clockOf(zone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (at) => format.format(at);
}

/** An entry as a row of a file: times in UTC and as the reader's clock has them. */
export function entryCells(
  entry: ReadEntry,
  wording: Wording,
  { zone, clock }: { zone: string; clock: (at: Date) => string },
): Record<string, Cell> {
  const { quantity } = entry;
  return {
    number: { number: String(entry.seq) },
    time_utc: rfc3339(entry.exact.at),
    time_local: clock(entry.at),
    time_zone: zone,
    happened_utc: entry.exact.occurred_at === null ? null : rfc3339(entry.exact.occurred_at),
    kind: entry.kind,
    title: titleOf(entry, wording),
    description: entry.description,
    operation: entry.operation,
    quantity: quantity === null ? null : { number: shortestDecimal(quantity, QUANTITY_DECIMALS) },
    amount: { number: decimalCredits(entry.amount_micro) },
    balance_change: { number: decimalCredits(entry.change_micro) },
    balance_after: { number: decimalCredits(entry.balance_after_micro) },
    available_after: { number: decimalCredits(entry.available_after_micro) },
    by: actorOf(entry, wording),
    customer: entry.on_behalf_of,
    about_number: entry.parent_seq === null ? null : { number: String(entry.parent_seq) },
    payment: entry.payment_id,
    idempotency_key: entry.key,
    request: entry.request_id,
  };
}
