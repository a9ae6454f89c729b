import { z } from 'zod';
import type { NewPromoCode } from '../billing/promo-codes.ts';
import type { PromoScope } from '../billing/promo-reports.ts';
import { AMOUNT_MICRO_MAX, parseCredits } from '../core/credits.ts';
import { promoCodeOf } from '../core/promo-codes.ts';

const CODE_SENTENCE = 'A code has 3 to 40 letters, digits and dashes.';
const NUMBER_SENTENCE = 'Enter a whole number from 1, or nothing.';

const optionalNumber = z
  .string()
  .trim()
  .default('')
  .refine((text) => /^(?:[1-9]\d{0,8})?$/.test(text), NUMBER_SENTENCE)
  .transform((text) => (text === '' ? null : Number(text)));

/** A day in UTC, at whose beginning something starts or ends. */
const optionalDay = z
  .string()
  .trim()
  .default('')
  .refine(
    (text) => text === '' || !Number.isNaN(Date.parse(`${text}T00:00:00Z`)),
    'Enter a day as 2026-12-31, or nothing.',
  )
  .transform((text) => (text === '' ? null : new Date(`${text}T00:00:00Z`)));

/** What the form that makes a code sends. Credits, packages and plans are read by `termsOf`. */
export const PromoForm = z.object({
  code: z
    .string(CODE_SENTENCE)
    .refine((text) => promoCodeOf(text) !== undefined, CODE_SENTENCE)
    .transform((text) => promoCodeOf(text) ?? ''),
  name: z.string('Enter a name.').trim().min(1, 'Enter a name.').max(100),
  kind: z.enum(['grant', 'purchase', 'plan'], 'Choose what it does.'),
  gives: z
    .string('Enter credits, or a percentage.')
    .trim()
    .refine((text) => givenBy(text) !== undefined, 'Enter credits as 50, or a percentage as 10 %.'),
  packages: z.string().trim().max(500).default(''),
  plans: z.string().trim().max(500).default(''),
  first: z.literal('yes').optional(),
  starts: optionalDay,
  ends: optionalDay,
  total: optionalNumber,
  each: optionalNumber,
  days: optionalNumber,
});

export type PromoTermsRead =
  | { outcome: 'good'; terms: Omit<NewPromoCode, 'made_by'> }
  | { outcome: 'refused'; errors: Record<string, string> };

/** The terms of a code, where they go together and what it is limited to is sold. */
export function termsOf(form: z.output<typeof PromoForm>, scope: PromoScope): PromoTermsRead {
  const { code, name, kind, starts, ends, total, each, days } = form;
  const given = givenBy(form.gives) ?? { credits: 0n, percent: null };
  const packages = codesIn(form.packages);
  const plans = codesIn(form.plans);
  const errors: Record<string, string> = {};
  if (kind === 'grant' && given.percent !== null) {
    errors['gives'] = 'A percentage is of a purchase or a plan.';
  }
  const wrongPackages = wrongIn(packages, scope.packages);
  if (kind !== 'purchase' && packages !== null) {
    errors['packages'] = 'Packages are for codes that add to a purchase.';
  } else if (wrongPackages !== undefined) errors['packages'] = wrongPackages;
  const wrongPlans = wrongIn(plans, scope.plans);
  if (kind !== 'plan' && plans !== null) {
    errors['plans'] = 'Plans are for codes that add to a plan.';
  } else if (wrongPlans !== undefined) errors['plans'] = wrongPlans;
  if (starts !== null && ends !== null && starts >= ends) {
    errors['ends'] = 'The end has to be after the beginning.';
  }
  if (Object.keys(errors).length > 0) return { outcome: 'refused', errors };
  const window = { starts_at: starts, ends_at: ends };
  const limits = { total_limit: total, person_limit: each ?? 1, expires_after_days: days };
  const first_purchase_only = kind !== 'grant' && form.first === 'yes';
  const about = { code, name, kind, packages, plans, first_purchase_only };
  return { outcome: 'good', terms: { ...about, ...given, ...window, ...limits } };
}

/** Null: none is named, so all are meant. */
function codesIn(text: string): string[] | null {
  const codes = text.split(/[\s,]+/).filter(Boolean);
  return codes.length === 0 ? null : codes;
}

function wrongIn(codes: string[] | null, sold: readonly string[]): string | undefined {
  const wrong = codes?.filter((code) => !sold.includes(code)) ?? [];
  return wrong.length === 0
    ? undefined
    : `${wrong.join(', ')} is not sold. There is ${sold.join(', ')}.`;
}

function givenBy(text: string): { credits: bigint | null; percent: number | null } | undefined {
  const percent = /^(\d{1,4})\s*%$/.exec(text)?.[1];
  if (percent !== undefined) {
    const number = Number(percent);
    return number >= 1 && number <= 1000 ? { credits: null, percent: number } : undefined;
  }
  const credits = parseCredits(text);
  const isSensible = credits !== undefined && credits > 0n && credits <= AMOUNT_MICRO_MAX / 1_000n;
  return isSensible ? { credits, percent: null } : undefined;
}
