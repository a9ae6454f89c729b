import { z } from 'zod';
import { type NewPromoCode, type PromoLimits, writtenDay } from '../billing/promo-codes.ts';
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

/** A day in UTC, at whose beginning something starts or ends, or a moment as `writtenDay` has it. */
const optionalDay = z
  .string()
  .trim()
  .default('')
  .transform((text) => (text === '' ? null : momentOf(text)))
  .refine(
    (moment) => moment === null || !Number.isNaN(moment.getTime()),
    'Enter a day as 2026-12-31, or nothing.',
  );

function momentOf(text: string): Date {
  return new Date(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text : `${text}T00:00:00Z`);
}

/** What both forms send. Packages and plans are read by `limitsOf`. */
const LIMITS = {
  name: z.string('Enter a name.').trim().min(1, 'Enter a name.').max(100),
  packages: z.string().trim().max(500).default(''),
  plans: z.string().trim().max(500).default(''),
  first: z.literal('yes').optional(),
  starts: optionalDay,
  ends: optionalDay,
  total: optionalNumber,
  each: optionalNumber,
};

/** What the form that makes a code sends. Credits are read by `termsOf`. */
export const PromoForm = z.object({
  code: z
    .string(CODE_SENTENCE)
    .refine((text) => promoCodeOf(text) !== undefined, CODE_SENTENCE)
    .transform((text) => promoCodeOf(text) ?? ''),
  kind: z.enum(['grant', 'purchase', 'plan'], 'Choose what it does.'),
  gives: z
    .string('Enter credits, or a percentage.')
    .trim()
    .refine((text) => givenBy(text) !== undefined, 'Enter credits as 50, or a percentage as 10 %.'),
  days: optionalNumber,
  ...LIMITS,
});

/** What the form that changes a code sends; `changedBy` reads the reason. */
export const PromoChangeForm = z.object({
  ...LIMITS,
  active: z.literal('yes').optional(),
  version: z.coerce.number().int(),
  reason: z.string().default(''),
});

/** What stands in the form that changes a code. */
export function valuesOf(code: PromoLimits & { version: number }): Record<string, string> {
  return {
    name: code.name,
    packages: code.packages?.join(', ') ?? '',
    plans: code.plans?.join(', ') ?? '',
    first: code.first_purchase_only ? 'yes' : '',
    starts: code.starts_at === null ? '' : writtenDay(code.starts_at),
    ends: code.ends_at === null ? '' : writtenDay(code.ends_at),
    total: String(code.total_limit ?? ''),
    each: String(code.person_limit),
    active: code.active ? 'yes' : '',
  };
}

type Errors = Record<string, string>;
type Kind = NewPromoCode['kind'];
type Limits = Omit<PromoLimits, 'active'>;

/** What a form says of who may use a code of some kind, and when, beside what is wrong with it. */
export function limitsOf(
  form: z.output<z.ZodObject<typeof LIMITS>>,
  kind: Kind,
  scope: PromoScope,
): { errors: Errors; limits: Limits } {
  const { name, starts, ends, total, each } = form;
  const packages = codesIn(form.packages);
  const plans = codesIn(form.plans);
  const errors: Errors = {};
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
  const window = { starts_at: starts, ends_at: ends };
  const numbers = { total_limit: total, person_limit: each ?? 1 };
  const first_purchase_only = kind !== 'grant' && form.first === 'yes';
  const limits = { name, packages, plans, first_purchase_only, ...window, ...numbers };
  return { errors, limits };
}

export type PromoTermsRead =
  | { outcome: 'good'; terms: Omit<NewPromoCode, 'made_by'> }
  | { outcome: 'refused'; errors: Errors };

/** The terms of a code, where they go together and what it is limited to is sold. */
export function termsOf(form: z.output<typeof PromoForm>, scope: PromoScope): PromoTermsRead {
  const { code, kind, days } = form;
  const given = givenBy(form.gives) ?? { credits: 0n, percent: null };
  const { errors, limits } = limitsOf(form, kind, scope);
  if (kind === 'grant' && given.percent !== null) {
    errors['gives'] = 'A percentage is of a purchase or a plan.';
  }
  if (Object.keys(errors).length > 0) return { outcome: 'refused', errors };
  return { outcome: 'good', terms: { code, kind, ...limits, ...given, expires_after_days: days } };
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
