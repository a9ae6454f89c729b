/** What a promo code gives, to whom, and when. */
export interface PromoTerms {
  /**
   * `grant` gives credits at once, `purchase` on top of those that are bought, `plan` on top of those
   * of the first period that is paid for.
   */
  kind: 'grant' | 'purchase' | 'plan';
  /** In micro-credits. Of this and `percent` exactly one is not null. */
  credits: bigint | null;
  /** Of the credits that are bought, without their bonus. */
  percent: number | null;
  /** Codes of the packages that it is for; null: for all. */
  packages: readonly string[] | null;
  /** Codes of the plans that it is for; null: for all. */
  plans: readonly string[] | null;
  first_purchase_only: boolean;
  starts_at: Date | null;
  /** The first moment at which it is over. */
  ends_at: Date | null;
  total_limit: number | null;
  person_limit: number;
  active: boolean;
}

/** How often it was used already: redeemed, or reserved by an order that may still be paid. */
export interface PromoUses {
  /** By everybody. */
  taken: number;
  /** By whoever asks. */
  redeemed_by_you: number;
  reserved_by_you: number;
  /** Whether your workspace has; false where the terms do not ask. */
  bought_before: boolean;
}

/** What somebody wants it for: at once, with a purchase, or with a plan that is begun. */
export type PromoWish =
  | { kind: 'grant' }
  | { kind: 'purchase'; package: string }
  /** Undefined: none is chosen yet. */
  | { kind: 'plan'; plan: WantedPlan | undefined };

export interface WantedPlan {
  code: string;
  price_minor: bigint;
  /** Of the period that is paid for; null: unlimited. */
  period_micro: bigint | null;
}

/**
 * Why a code is not taken. `unknown` is also one that was stopped or is over: nobody who tries codes
 * learns from an answer which there have been.
 */
export type PromoFault =
  | 'unknown'
  | 'not_yet'
  | 'used_by_you'
  | 'held_by_your_order'
  | 'used_up'
  | 'for_purchases'
  | 'for_plans'
  | 'gives_at_once'
  | 'not_for_package'
  | 'not_for_plan'
  | 'not_first_purchase';

/** A code as it is stored, of what somebody typed; undefined for what can be none. */
export function promoCodeOf(text: string): string | undefined {
  const code = text.normalize('NFKC').trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9-]{2,39}$/.test(code) ? code : undefined;
}

/** Whether a code can be used now, by somebody, for something; undefined when it can. */
export function promoFault(
  terms: PromoTerms,
  uses: PromoUses,
  wish: PromoWish,
  now: Date,
): PromoFault | undefined {
  const mine = uses.redeemed_by_you + uses.reserved_by_you;
  // Whoever used it is told so, also when it is over by now.
  if (uses.redeemed_by_you >= terms.person_limit) return 'used_by_you';
  if (!terms.active || (terms.ends_at !== null && now >= terms.ends_at)) return 'unknown';
  if (terms.starts_at !== null && now < terms.starts_at) return 'not_yet';
  if (terms.kind !== wish.kind) return ELSEWHERE[terms.kind];
  if (mine >= terms.person_limit) return 'held_by_your_order';
  if (terms.total_limit !== null && uses.taken >= terms.total_limit) return 'used_up';
  if (wish.kind === 'grant') return undefined;
  if (wish.kind === 'plan') {
    if (wish.plan !== undefined && promoOfPlan(terms, wish.plan) === 0n) return 'not_for_plan';
  } else if (terms.packages !== null && !terms.packages.includes(wish.package)) {
    return 'not_for_package';
  }
  if (terms.first_purchase_only && uses.bought_before) return 'not_first_purchase';
  return undefined;
}

const ELSEWHERE = {
  grant: 'gives_at_once',
  purchase: 'for_purchases',
  plan: 'for_plans',
} as const satisfies Record<PromoTerms['kind'], PromoFault>;

/** What a code adds to so many bought credits, rounded down to the micro-credit. */
export function promoCredits(
  { credits, percent }: Pick<PromoTerms, 'credits' | 'percent'>,
  boughtMicro: bigint,
): bigint {
  return credits ?? (boughtMicro * BigInt(percent ?? 0)) / 100n;
}

/**
 * What a code of plans adds to the first period that is paid for. Nothing where it is not for the
 * plan, where no money ever comes, and where it is a percentage of what is unlimited.
 */
export function promoOfPlan(
  terms: Pick<PromoTerms, 'credits' | 'percent' | 'plans'>,
  { code, price_minor, period_micro }: WantedPlan,
): bigint {
  const isForIt = terms.plans === null || terms.plans.includes(code);
  return isForIt && price_minor > 0n ? promoCredits(terms, period_micro ?? 0n) : 0n;
}
