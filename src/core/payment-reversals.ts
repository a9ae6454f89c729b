/** A lot that was granted for a payment: the paid one, or its bonus. */
export interface LotOfPayment {
  number: number;
  /** What was granted at first, in micro-credits. */
  granted: bigint;
  /** What can still be taken out of it: what is available, and what expired in it unspent. */
  spare: bigint;
  /** What was clawed back of it before, less what was reinstated. */
  clawed_back: bigint;
  /** The clawbacks that can be undone, the oldest first: how much, and how much out of the lot itself. */
  clawbacks: readonly { entry_seq: bigint; amount: bigint; taken_out: bigint }[];
}

/** What became of a payment's money, in minor units of one currency. */
export interface MoneyOfPayment {
  total_minor: bigint;
  /** Given back in all refunds together. */
  refunded_minor: bigint;
  /** Taken back by disputes that were lost. */
  lost_minor: bigint;
  /** Taken back by disputes that nobody has decided. */
  disputed_minor: bigint;
}

export type Reversal =
  | { kind: 'reinstatement'; lot: number; entry_seq: bigint }
  | { kind: 'clawback'; lot: number; amount_micro: bigint };

/** A refund as it is known: from us, or from Stripe. */
export interface KnownRefund {
  amount_minor: bigint;
  /** At Stripe it is known by an id; without one it was never made there. */
  is_at_stripe: boolean;
  status: 'pending' | 'completed' | 'failed' | 'cancelled';
}

/**
 * How much of a payment is refunded, from each refund that is known and from the most that a charge
 * ever said was refunded of it. Both only grow, so whatever comes twice, late or in another order
 * ends at the same sum; a refund that failed is counted out of it again. A refund that was only
 * asked for counts at once, and one that Stripe never made never did.
 */
export function refundedOf({
  total_minor,
  charge_refunded_minor,
  refunds,
}: {
  total_minor: bigint;
  charge_refunded_minor: bigint;
  refunds: readonly KnownRefund[];
}): bigint {
  const isOver = ({ status }: KnownRefund): boolean =>
    status === 'failed' || status === 'cancelled';
  const sum = (some: readonly KnownRefund[]): bigint =>
    some.reduce((total, { amount_minor }) => total + amount_minor, 0n);
  const counted = refunds.filter((one) => one.is_at_stripe || !isOver(one));
  const most = larger(sum(counted), charge_refunded_minor);
  return smaller(larger(most - sum(counted.filter(isOver)), 0n), total_minor);
}

/**
 * What brings the credits of a payment in line with its money. Of each lot, paid or bonus, so much is
 * to be clawed back as of the money is gone, rounded down in the customer's favour: for refunds and
 * lost disputes whatever became of the credits, for disputes that nobody has decided only what is
 * left of them. The ratio is always of the original grant and of all that is gone together, so that
 * what is told in parts, twice, late or in another order takes as much as what is told once.
 *
 * When money came back, by a dispute that was won or a refund that failed, the newest clawbacks are
 * undone, and what is due of the last one is taken again.
 */
export function reversalsFor(money: MoneyOfPayment, lots: readonly LotOfPayment[]): Reversal[] {
  const { total_minor, refunded_minor, lost_minor, disputed_minor } = money;
  if ([refunded_minor, lost_minor, disputed_minor].some((part) => part < 0n)) {
    throw new Error('a negative sum cannot have gone back');
  }
  // A dispute and a refund may be of the same money: together they are never more than was paid.
  const gone = smaller(refunded_minor + lost_minor, total_minor);
  const goneAtMost = smaller(gone + disputed_minor, total_minor);
  return lots.flatMap((lot) => {
    const share = (minor: bigint): bigint =>
      total_minor === 0n ? 0n : (lot.granted * minor) / total_minor;
    return reversalsOfLot(lot, share(gone), share(goneAtMost));
  });
}

function reversalsOfLot(lot: LotOfPayment, due: bigint, dueAtMost: bigint): Reversal[] {
  let { clawed_back: clawed, spare } = lot;
  const undone: Reversal[] = [];
  for (const { entry_seq, amount, taken_out } of lot.clawbacks.toReversed()) {
    if (clawed <= dueAtMost) break;
    clawed -= amount;
    spare += taken_out;
    undone.push({ kind: 'reinstatement', lot: lot.number, entry_seq });
  }
  const must = larger(due - clawed, 0n);
  const more = larger(dueAtMost - clawed - must, 0n);
  const amount_micro = must + smaller(more, larger(spare - must, 0n));
  if (amount_micro === 0n) return undone;
  return [...undone, { kind: 'clawback', lot: lot.number, amount_micro }];
}

/**
 * How much money stands for what is unspent of a payment's credits, paid and bonus together: of all
 * that was paid the ratio of what is available to what was granted, rounded down, and no more than
 * what was not given back yet.
 */
export function unspentMoney(
  { total_minor, refunded_minor }: { total_minor: bigint; refunded_minor: bigint },
  lots: readonly { granted: bigint; available: bigint }[],
): bigint {
  const sum = (part: 'granted' | 'available'): bigint =>
    lots.reduce((all, lot) => all + lot[part], 0n);
  const granted = sum('granted');
  if (granted === 0n) return 0n;
  return smaller((total_minor * sum('available')) / granted, total_minor - refunded_minor);
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
