/** Money that moved: taken by a charge, given back by a refund, or taken back by a dispute. */
export interface MoneyMove {
  kind: 'charge' | 'refund' | 'dispute';
  /** What both sides know it by. */
  id: string;
  /** Our payment, where it is known. */
  payment_id?: string | undefined;
  /** Midnight in UTC of its day, as ISO 8601. */
  day: string;
  currency: string;
  /** Never negative, whichever way it moved. */
  amount_minor: bigint;
}

/** Money as our payments have it, with the credits that were sold for it and those granted. */
export interface BookedMove extends MoneyMove {
  sold_micro: bigint;
  granted_micro: bigint;
}

/** What does not agree. */
export interface Difference {
  kind: MoneyMove['kind'] | 'credits';
  id: string;
  payment_id: string | undefined;
  day: string;
  currency: string;
  /** In minor units; in micro-credits where it is about credits. Undefined: there is no such thing. */
  at_stripe: bigint | undefined;
  booked: bigint | undefined;
}

/** Sums of a day in one currency: what Stripe says, and what our payments say of the same. */
export interface ReconciledDay {
  day: string;
  currency: string;
  /** How many charges there were. */
  payments: number;
  taken_minor: bigint;
  refunded_minor: bigint;
  disputed_minor: bigint;
  booked_minor: bigint;
  booked_refunded_minor: bigint;
  booked_disputed_minor: bigint;
  sold_micro: bigint;
  granted_micro: bigint;
  differences: Difference[];
}

/**
 * Holds what Stripe says beside what our payments say, each piece of money against its own, and sums
 * both by day and currency. What Stripe knows counts on Stripe's day on both sides; what only we know
 * counts on ours. Sums that agree by chance hide no difference.
 */
export function reconcileMoves(
  atStripe: readonly MoneyMove[],
  booked: readonly BookedMove[],
): ReconciledDay[] {
  const days = new Map<string, ReconciledDay>();
  const dayOf = ({ day, currency }: MoneyMove): ReconciledDay => {
    const key = `${day} ${currency}`;
    const found = days.get(key) ?? emptyDay(day, currency);
    days.set(key, found);
    return found;
  };
  const ours = new Map(booked.map((one) => [keyOf(one), one]));
  for (const taken of atStripe) {
    const own = ours.get(keyOf(taken));
    ours.delete(keyOf(taken));
    const day = dayOf(taken);
    addTo(day, STRIPE_SUMS, taken);
    if (taken.kind === 'charge') day.payments += 1;
    if (own !== undefined && own.currency === taken.currency) addBooked(day, own);
    else if (own !== undefined) addBooked(dayOf({ ...own, day: taken.day }), own);
    const agrees = own?.currency === taken.currency && own.amount_minor === taken.amount_minor;
    if (!agrees) day.differences.push(differenceOf(taken, taken.amount_minor, own?.amount_minor));
  }
  for (const own of ours.values()) {
    const day = dayOf(own);
    addBooked(day, own);
    day.differences.push(differenceOf(own, undefined, own.amount_minor));
  }
  return [...days.values()].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

/** What is taken more than booked on a day, less what went back: 0 when nothing is amiss. */
export function netDifference(
  day: Omit<ReconciledDay, 'differences' | 'day' | 'currency'>,
): bigint {
  const atStripe = day.taken_minor - day.refunded_minor - day.disputed_minor;
  return atStripe - (day.booked_minor - day.booked_refunded_minor - day.booked_disputed_minor);
}

/** Midnight in UTC before a moment that Stripe names in seconds, as ISO 8601. */
export function utcDayOf(seconds: number): string {
  const day = new Date(Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS * 1000);
  return day.toISOString();
}

const DAY_SECONDS = 86_400;

const STRIPE_SUMS = {
  charge: 'taken_minor',
  refund: 'refunded_minor',
  dispute: 'disputed_minor',
} as const;
const BOOKED_SUMS = {
  charge: 'booked_minor',
  refund: 'booked_refunded_minor',
  dispute: 'booked_disputed_minor',
} as const;

function addTo(
  day: ReconciledDay,
  sums: typeof STRIPE_SUMS | typeof BOOKED_SUMS,
  { kind, amount_minor }: MoneyMove,
): void {
  day[sums[kind]] += amount_minor;
}

function addBooked(day: ReconciledDay, own: BookedMove): void {
  addTo(day, BOOKED_SUMS, own);
  day.sold_micro += own.sold_micro;
  day.granted_micro += own.granted_micro;
  if (own.sold_micro === own.granted_micro) return;
  const difference = differenceOf(own, own.sold_micro, own.granted_micro);
  day.differences.push({ ...difference, day: day.day, kind: 'credits' });
}

function differenceOf(
  { kind, id, payment_id, day, currency }: MoneyMove,
  at_stripe: bigint | undefined,
  booked: bigint | undefined,
): Difference {
  return { kind, id, payment_id, day, currency, at_stripe, booked };
}

function emptyDay(day: string, currency: string): ReconciledDay {
  return {
    ...{ day, currency, payments: 0 },
    ...{ taken_minor: 0n, refunded_minor: 0n, disputed_minor: 0n },
    ...{ booked_minor: 0n, booked_refunded_minor: 0n, booked_disputed_minor: 0n },
    ...{ sold_micro: 0n, granted_micro: 0n, differences: [] },
  };
}

const keyOf = ({ kind, id }: MoneyMove): string => `${kind} ${id}`;
const orderOf = ({ day, currency }: ReconciledDay): string => `${day} ${currency}`;
