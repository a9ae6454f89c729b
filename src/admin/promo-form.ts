import { z } from 'zod';
import type { NewPromoCode } from '../billing/promo-codes.ts';
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

/** What the form that makes a code sends. Credits and packages are read by `termsOf`. */
export const PromoForm = z.object({
  code: z
    .string(CODE_SENTENCE)
    .refine((text) => promoCodeOf(text) !== undefined, CODE_SENTENCE)
    .transform((text) => promoCodeOf(text) ?? ''),
  name: z.string('Enter a name.').trim().min(1, 'Enter a name.').max(100),
  kind: z.enum(['grant', 'purchase'], 'Choose what it does.'),
  gives: z
    .string('Enter credits, or a percentage.')
    .trim()
    .refine((text) => givenBy(text) !== undefined, 'Enter credits as 50, or a percentage as 10 %.'),
  packages: z.string().trim().max(500).default(''),
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

/** The terms of a code, where they go together. */
export function termsOf(form: z.output<typeof PromoForm>): PromoTermsRead {
  const { code, name, kind, starts, ends, total, each, days } = form;
  const given = givenBy(form.gives) ?? { credits: 0n, percent: null };
  const codes = form.packages.split(/[\s,]+/).filter(Boolean);
  const errors: Record<string, string> = {};
  if (kind === 'grant' && given.percent !== null) {
    errors['gives'] = 'A percentage is of a purchase.';
  }
  if (kind === 'grant' && codes.length > 0) {
    errors['packages'] = 'Packages are for codes that add to a purchase.';
  }
  if (starts !== null && ends !== null && starts >= ends) {
    errors['ends'] = 'The end has to be after the beginning.';
  }
  if (Object.keys(errors).length > 0) return { outcome: 'refused', errors };
  const window = { starts_at: starts, ends_at: ends };
  const limits = { total_limit: total, person_limit: each ?? 1, expires_after_days: days };
  const packages = codes.length === 0 ? null : codes;
  const first_purchase_only = kind === 'purchase' && form.first === 'yes';
  const about = { code, name, kind, packages, first_purchase_only };
  return { outcome: 'good', terms: { ...about, ...given, ...window, ...limits } };
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
