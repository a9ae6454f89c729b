/** A lot that was granted for a payment: the paid one, or its bonus. */
export interface LotOfPayment {
  number: number;
  /** What was granted at first, in micro-credits. */
  granted: bigint;
  /** What was clawed back of it before, less what was reinstated. */
  clawed_back: bigint;
}

/** What was paid, and how much of it was given back in all so far: minor units of one currency. */
export interface RefundedPayment {
  total_minor: bigint;
  refunded_minor: bigint;
}

/**
 * How much of each lot is to be clawed back now that so much of its payment was refunded. Of each
 * lot, paid or bonus, the same ratio as of the money, rounded down in the customer's favour.
 *
 * The ratio is always of the original grant and of all refunds together, less what was clawed back
 * before. So refunds in parts take as much as one refund of their sum, the last one takes whatever
 * rounding left, and a refund that is told twice or too late takes nothing. Lots of which nothing
 * is to be clawed back are left out.
 */
export function clawbacksFor(
  { total_minor, refunded_minor }: RefundedPayment,
  lots: readonly LotOfPayment[],
): { lot: number; amount_micro: bigint }[] {
  if (refunded_minor < 0n || refunded_minor > total_minor) {
    throw new Error(`${refunded_minor} of ${total_minor} minor units cannot have been refunded`);
  }
  if (refunded_minor === 0n) return [];
  return lots
    .map(({ number, granted, clawed_back }) => {
      const due = (granted * refunded_minor) / total_minor;
      return { lot: number, amount_micro: due - clawed_back };
    })
    .filter(({ amount_micro }) => amount_micro > 0n);
}
