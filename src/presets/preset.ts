import type { Benchmark } from '../core/benchmarks.ts';
import type { IndustryTemplate } from '../core/business-profiles.ts';
import type { LevelLimits } from '../core/levels.ts';
import type { FactKind } from '../core/milestones.ts';

/** One product's catalogue and wording as data. Amounts and prices are decimal strings of credits. */
export interface Preset {
  code: string;
  version: number;
  currency: string;
  /** What a new workspace is given, once, to whom the guard lets have it. */
  welcome: { credits: string; expires_after_days?: number; guard?: PresetGuard };
  operations: readonly PresetOperation[];
  packages: readonly PresetPackage[];
  /** Amounts of the buyer's own choice, in each currency in which there are to be any. */
  free_amounts: readonly PresetFreeAmount[];
  plans: readonly PresetPlan[];
  promo_codes?: readonly PresetPromoCode[];
  referrals?: PresetReferrals;
  /** What is low and what is critical, where it is not the usual. */
  levels?: Partial<LevelLimits>;
  /** What others in the industry have, to stand beside one's own figures. */
  benchmarks?: readonly Benchmark[];
  /** What somebody new is led to do first, in this order. */
  first_steps?: PresetFirstSteps;
  achievements?: readonly PresetMilestone[];
  /** What the product calls itself and says, where it is not what the default preset says. */
  texts?: Partial<PresetTexts>;
  /** From what businesses begin that say what they are; nobody is asked where there are none. */
  industries?: readonly (IndustryTemplate & { code: string })[];
  /** What the demo person does. */
  demo?: {
    /** What the person and the workspace are called. */
    name?: string;
    /** So much of an operation at once, at the most; 6 if nothing is said. */
    quantity_max?: number;
  };
}

/** What stands on the pages of one product. A sentence or a part of one each, without markup. */
export interface PresetTexts {
  /** What the product is called: at the head of each page, in titles and mails. */
  product: string;
  /** For those who are not signed in: what the product is, in a line and in two. */
  headline: string;
  lead: string;
  /** Beside the forms by which people come in. */
  motto: string;
  /** A charge as it is explained there; what it costs is read from the price book. */
  example: { about: string; operation: string; quantity: bigint };
  /** After "It comes with 50 credits" and "You have 50 credits". */
  welcome: string;
  /** Where entries will stand. */
  no_entries: string;
  /** The page on which operations are run. */
  use_title: string;
  use_lead: string;
  use_question: string;
  use_button: string;
  /** Under the title of the page of packages. */
  buy_lead: string;
  /** Over what is offered where credits have run out. */
  run_out: string;
  /** Operations that belong together, by their codes; one list where there are none. */
  groups: readonly { title: string; operations: readonly string[] }[];
}

export interface PresetFirstSteps {
  steps: readonly (PresetMilestone & {
    /** Where it is done, below the workspace's own address. */
    page: string;
  })[];
  /** Given once when all are done. */
  completion_credits?: string;
}

/** Something to be done, with what is given for it once. */
export interface PresetMilestone {
  code: string;
  title: string;
  when:
    | { kind: 'charged'; operation?: string; times: bigint }
    | { kind: 'used'; operations: readonly string[]; quantity: bigint }
    | { kind: FactKind | 'told' };
  credits?: string;
}

/** Against those who make accounts for the welcome credits. */
export interface PresetGuard {
  /** Whether the address has to be verified first. */
  verified_address: boolean;
  /** So many accounts of one address block in a day, and the next ones are looked at by somebody. */
  accounts_a_day_from_block: number;
}

export interface PresetOperation {
  code: string;
  name: string;
  description: string;
  unit: string;
  components: readonly PresetComponent[];
}

export interface PresetComponent {
  code: string;
  label: string;
  unit: string;
  charge: 'flat' | 'per_unit';
  price: string;
  /** Units that count whole once begun. */
  step?: string;
}

export interface PresetPackage {
  code: string;
  name: string;
  credits: string;
  bonus?: string;
  /** In minor units, by the code of the currency. */
  prices: Readonly<Record<string, bigint>>;
  expires_after_days?: number;
  bonus_expires_after_days?: number;
  popular?: boolean;
}

export interface PresetFreeAmount {
  currency: string;
  minimum_minor: bigint;
  maximum_minor: bigint;
  /** Of the currency, as a decimal string with up to six decimals. */
  price_per_credit: string;
  expires_after_days?: number;
}

/** Credits each month for a price each month or year. */
export interface PresetPlan {
  code: string;
  name: string;
  /** Each month; unlimited when absent. */
  credits?: string;
  /** How much of what a month leaves over is granted again with the next. */
  rollover_cap?: string;
  trial_days?: number;
  /** How many members a workspace on it has room for; any number when absent. */
  members_max?: number;
  prices: readonly { period: 'month' | 'year'; currency: string; price_minor: bigint }[];
}

/** A code that gives credits at once, or adds credits or a percentage to a purchase or a plan. */
export interface PresetPromoCode {
  code: string;
  name: string;
  kind: 'grant' | 'purchase' | 'plan';
  /** Of this and `percent` one. */
  credits?: string;
  percent?: number;
  packages?: readonly string[];
  plans?: readonly string[];
  first_purchase_only?: boolean;
  starts_at?: Date;
  ends_at?: Date;
  total_limit?: number;
  person_limit?: number;
  expires_after_days?: number;
}

/** What is given to both when somebody who was brought buys for the first time. */
export interface PresetReferrals {
  referrer_credits: string;
  referred_credits: string;
  expires_after_days?: number;
  /** What the purchase costs at least, in minor units by the code of the currency. */
  minimums: Readonly<Record<string, bigint>>;
  /** So long money that goes back takes the reward back. */
  reversible_days: number;
}
