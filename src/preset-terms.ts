import type { PackageTerms } from './billing/package-versions.ts';
import { GRACE_DAYS, type PlanVersionTerms } from './billing/plan-versions.ts';
import { PRICE_PER_CREDIT_DECIMALS, freeAmountContent } from './billing/free-amounts.ts';
import type { NewPromoCode } from './billing/promo-codes.ts';
import { REFERRAL_CODE, referralContent } from './billing/referrals.ts';
import { parseCredits } from './core/credits.ts';
import { parseDecimal } from './core/decimal.ts';
import { PRICE_DECIMALS, type PriceComponent, QUANTITY_DECIMALS } from './core/price-rules.ts';
import {
  ALERT_DEFAULTS_CODE,
  USUAL_DEFAULTS,
  alertDefaultsContent,
} from './ledger/alert-defaults.ts';
import type { CatalogueItem } from './lib/catalogue-versions.ts';
import type {
  Preset,
  PresetComponent,
  PresetMilestone,
  PresetPackage,
  PresetPlan,
  PresetPromoCode,
} from './presets/preset.ts';
import { COMPLETION_CODE, milestoneContent } from './workspaces/milestone-programme.ts';
import type { MilestoneProgramme } from './workspaces/milestones.ts';
import type { Welcome } from './workspaces/welcome-grant.ts';
import { WELCOME_CODE, welcomeContent } from './workspaces/welcome-terms.ts';

/** What everybody gets who joins. */
export function welcomeOf(preset: Preset): Welcome {
  const { credits, expires_after_days, guard } = preset.welcome;
  return { amount_micro: creditsOf(credits), expires_after_days, guard };
}

/** What a preset leads people to do, and gives for it. */
export function milestonesIn({ first_steps, achievements }: Preset): MilestoneProgramme {
  const rewarded = <Kind extends 'step' | 'achievement'>(kind: Kind, one: PresetMilestone) => {
    const { code, title, when, credits } = one;
    return { kind, code, title, when, reward_micro: creditsOf(credits ?? '0') };
  };
  return {
    steps: (first_steps?.steps ?? []).map((one) => ({ ...rewarded('step', one), page: one.page })),
    completion_micro: creditsOf(first_steps?.completion_credits ?? '0'),
    achievements: (achievements ?? []).map((one) => rewarded('achievement', one)),
  };
}

/** What of a preset is stored as items of the catalogue, each with a content of its kind. */
export function catalogueItemsOf(preset: Preset): CatalogueItem[] {
  const { steps, completion_micro, achievements } = milestonesIn(preset);
  const milestones = [steps, achievements].flatMap((list) =>
    list.map(({ kind, code, ...terms }, position) => ({
      ...{ kind, code, active: true },
      content: milestoneContent({ ...terms, position }),
    })),
  );
  const completion = { credits: preset.first_steps?.completion_credits ?? '0' };
  const benchmarks = (preset.benchmarks ?? []).map((one, position) => ({
    kind: 'benchmark' as const,
    code: [one.measure, one.operation].filter(Boolean).join('-'),
    active: true,
    content: { ...one, position },
  }));
  const industries = (preset.industries ?? []).map(({ code, ...template }, position) => ({
    ...{ kind: 'industry' as const, code, active: true },
    content: { ...template, position },
  }));
  return [
    ...moneyItemsOf(preset),
    {
      ...{ kind: 'welcome', code: WELCOME_CODE, active: true },
      content: welcomeContent(welcomeOf(preset)),
    },
    ...milestones,
    ...(completion_micro === 0n
      ? []
      : [
          {
            ...{ kind: 'completion' as const, code: COMPLETION_CODE, active: true },
            content: completion,
          },
        ]),
    {
      ...{ kind: 'alert_defaults', code: ALERT_DEFAULTS_CODE, active: true },
      content: alertDefaultsContent({ ...USUAL_DEFAULTS, ...preset.levels }),
    },
    ...benchmarks,
    ...industries,
  ];
}

/** What can be bought without a package, and what is given to who brings somebody. */
function moneyItemsOf({ free_amounts, referrals }: Preset): CatalogueItem[] {
  const amounts = free_amounts.map(
    ({ price_per_credit, expires_after_days = null, ...limits }) => ({
      ...{ kind: 'own_amount' as const, code: limits.currency, active: true },
      content: freeAmountContent({
        ...limits,
        price_per_credit_micro: decimalOf(price_per_credit, PRICE_PER_CREDIT_DECIMALS),
        expires_after_days,
      }),
    }),
  );
  if (referrals === undefined) return amounts;
  const { referrer_credits, referred_credits, expires_after_days = null, ...terms } = referrals;
  const content = referralContent({
    ...{ ...terms, expires_after_days },
    referrer_credits: creditsOf(referrer_credits),
    referred_credits: creditsOf(referred_credits),
  });
  return [...amounts, { kind: 'referral', code: REFERRAL_CODE, active: true, content }];
}

export function packageTermsOf(one: PresetPackage, position: number): PackageTerms {
  return {
    name: one.name,
    credits_micro: creditsOf(one.credits),
    bonus_micro: creditsOf(one.bonus ?? '0'),
    expires_after_days: one.expires_after_days ?? null,
    bonus_expires_after_days: one.bonus_expires_after_days ?? null,
    popular: one.popular ?? false,
    prices: Object.entries(one.prices).map(([currency, price_minor]) => ({
      currency,
      price_minor,
    })),
    ...{ position, active: true },
  };
}

export function planTermsOf(one: PresetPlan, position: number): PlanVersionTerms {
  const { name, credits, rollover_cap, trial_days, members_max, prices } = one;
  return {
    name,
    credits_micro: credits === undefined ? null : creditsOf(credits),
    rollover_cap_micro: rollover_cap === undefined ? null : creditsOf(rollover_cap),
    trial_days: trial_days ?? 0,
    grace_days: GRACE_DAYS,
    limits: members_max === undefined ? {} : { members_max },
    ...{ prices, position, active: true },
  };
}

export function promoTermsOf(one: PresetPromoCode): Omit<NewPromoCode, 'made_by'> {
  const { code, name, kind, credits } = one;
  return {
    ...{ code, name, kind, credits: credits === undefined ? null : creditsOf(credits) },
    percent: one.percent ?? null,
    packages: one.packages ?? null,
    plans: one.plans ?? null,
    first_purchase_only: one.first_purchase_only ?? false,
    starts_at: one.starts_at ?? null,
    ends_at: one.ends_at ?? null,
    total_limit: one.total_limit ?? null,
    person_limit: one.person_limit ?? 1,
    expires_after_days: one.expires_after_days ?? null,
  };
}

export function componentOf(component: PresetComponent): PriceComponent {
  const { price, step, ...rest } = component;
  return {
    ...rest,
    price_pico: decimalOf(price, PRICE_DECIMALS),
    ...(step === undefined ? {} : { step: decimalOf(step, QUANTITY_DECIMALS) }),
  };
}

/** An amount of a preset in micro-credits; a preset that says something else is a bug. */
export function creditsOf(text: string): bigint {
  const amount = parseCredits(text);
  if (amount === undefined) throw new Error(`a preset has no amount of credits in "${text}"`);
  return amount;
}

export function decimalOf(text: string, decimals: number): bigint {
  const value = parseDecimal(text, decimals);
  if (value === undefined || value < 0n) throw new Error(`a preset has no number in "${text}"`);
  return value;
}
