import { z } from 'zod';
import { isCurrency } from './currencies.ts';
import { parameterError, type StripeError } from './errors.ts';

/** Every leaf of a form is a string; these schemas read it as the type that Stripe documents. */

function refused(code: string | undefined, message: string) {
  return { code: 'custom' as const, params: { stripe_code: code }, message };
}

/** Text of 1 to `length_max` characters. */
export function text(length_max = 5000): z.ZodString {
  return z.string().min(1).max(length_max);
}

/** A whole number in a range, both ends included. */
export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  return z.string().transform((raw, context) => {
    if (!/^-?\d{1,15}$/.test(raw)) {
      context.addIssue(refused('parameter_invalid_integer', `Invalid integer: ${raw}`));
      return z.NEVER;
    }
    const value = Number(raw);
    if (value < minimum || value > maximum) {
      const limit =
        value < minimum
          ? `greater than or equal to ${minimum}`
          : `less than or equal to ${maximum}`;
      context.addIssue(refused('parameter_invalid_integer', `This value must be ${limit}.`));
      return z.NEVER;
    }
    return value;
  });
}

/** `true` or `false`. */
export const boolean = z.string().transform((raw, context) => {
  if (raw !== 'true' && raw !== 'false') {
    context.addIssue(refused(undefined, `Invalid boolean: ${raw}`));
    return z.NEVER;
  }
  return raw === 'true';
});

/** An absolute http or https address. */
export const url = text().transform((raw, context) => {
  const parsed = URL.parse(raw);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    context.addIssue(refused('url_invalid', 'Not a valid URL'));
    return z.NEVER;
  }
  return raw;
});

export const email = text(800).refine((raw) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(raw), {
  params: { stripe_code: 'email_invalid' },
  error: (issue) => `Invalid email address: ${String(issue.input)}`,
});

/** A three-letter currency code; Stripe answers it in lower case. */
export const currency = text()
  .transform((raw) => raw.toLowerCase())
  .refine(isCurrency, { error: (issue) => `Invalid currency: ${String(issue.input)}` });

/** Up to 50 pairs; an empty value leaves its key out, an empty parameter leaves all out. */
export const metadata = z
  .preprocess(
    // A form cannot tell `{ '0': 'a' }` from `['a']`.
    (raw) => (raw === '' ? {} : Array.isArray(raw) ? Object.fromEntries(raw.entries()) : raw),
    z.record(z.string().max(40), z.string().max(500)),
  )
  .transform((pairs) =>
    Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== '')),
  )
  .refine((pairs) => Object.keys(pairs).length <= 50, {
    error: 'Metadata can have at most 50 keys',
  });

/** A parameter that an empty value unsets; read as null. */
export function emptyable<S extends z.ZodType>(schema: S) {
  return z.preprocess((raw) => (raw === '' ? null : raw), schema.nullable());
}

/** A change of metadata: an empty value unsets its key, an empty parameter all of them. */
export const metadataChange = z
  .preprocess((raw) => (Array.isArray(raw) ? Object.fromEntries(raw.entries()) : raw), z.unknown())
  .pipe(emptyable(z.record(z.string().max(40), z.string().max(500))));

/** Metadata after such a change; without one they stay as they are. */
export function changedMetadata(
  before: Record<string, string> | null,
  change: Record<string, string> | null | undefined,
): Record<string, string> {
  const pairs = change === null ? [] : Object.entries({ ...before, ...change });
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

/** A parameter that Stripe has and that this server does not do. */
export const notDone = z.undefined().optional();

export const expand = z.array(text()).max(20).optional();

/** What is read by its id takes nothing else. */
export const plainParameters = z.strictObject({ expand });

const range = z.strictObject({
  gt: integer(0).optional(),
  gte: integer(0).optional(),
  lt: integer(0).optional(),
  lte: integer(0).optional(),
});

/** What every list takes. */
export const pageShape = {
  ending_before: text().optional(),
  expand,
  limit: integer(1, 100).optional(),
  starting_after: text().optional(),
};

/** What a list takes of objects that are found by when they were made, too. */
export const listShape = {
  ...pageShape,
  created: z.union([integer(0).transform((at) => ({ gte: at, lte: at })), range]).optional(),
};

/** The types that a payment method can have at Stripe; this server makes cards only. */
export const METHODS =
  'acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi us_bank_account wechat_pay zip'.split(
    ' ',
  );

/** Whether two types have the same names. */
export type Names<A, B> = [keyof A] extends [keyof B]
  ? [keyof B] extends [keyof A]
    ? true
    : false
  : false;

/** The compiler refuses this when one of `T` is not true. */
export type AllTrue<T extends readonly true[]> = T;

/** Reads parameters by a schema; throws the StripeError of the first one that is wrong. */
export function parseParameters<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw result.error;
  throw toStripeError(issue, input);
}

function toStripeError(issue: z.core.$ZodIssue, input: unknown): StripeError {
  const value = valueAt(input, issue.path);
  const path = issue.path.map(String);
  const param = bracketed(path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = bracketed([...path, issue.keys[0] ?? '']);
      return parameterError(unknown, 'parameter_unknown', `Received unknown parameter: ${unknown}`);
    }
    case 'invalid_union': {
      const inner = issue.errors[typeof value === 'string' ? 0 : 1]?.[0];
      if (inner === undefined) return parameterError(param, undefined, `Invalid ${param}`);
      return toStripeError({ ...inner, path: [...issue.path, ...inner.path] }, input);
    }
    case 'custom': {
      const code: unknown = issue.params?.['stripe_code'];
      return parameterError(param, typeof code === 'string' ? code : undefined, issue.message);
    }
    default:
      return plainError(issue, param, value);
  }
}

function plainError(issue: z.core.$ZodIssue, param: string, value: unknown): StripeError {
  if (issue.code === 'invalid_type' && issue.expected === 'undefined') {
    const message = `This stand-in for Stripe does not do the parameter ${param}.`;
    return parameterError(param, 'stand_in_unsupported', message);
  }
  if (value === undefined) {
    return parameterError(param, 'parameter_missing', `Missing required param: ${param}.`);
  }
  if (value === '') {
    const message = `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`;
    return parameterError(param, 'parameter_invalid_empty', message);
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed);
    return parameterError(param, undefined, `Invalid ${param}: must be one of ${list}`);
  }
  if (issue.code === 'too_big' && issue.origin === 'string') {
    const message = `Invalid string: ${typeof value === 'string' ? value.slice(0, 40) : ''}…; must be at most ${issue.maximum} characters`;
    return parameterError(param, undefined, message);
  }
  if (issue.code === 'invalid_type') {
    const expected = issue.expected === 'record' ? 'object' : issue.expected;
    return parameterError(param, undefined, `Invalid ${expected}`);
  }
  return parameterError(param, undefined, `Invalid ${param}: ${issue.message}`);
}

function bracketed([first = '', ...rest]: string[]): string {
  return first + rest.map((part) => `[${part}]`).join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return new Map<PropertyKey, unknown>(Object.entries(value)).get(String(key));
  }, input);
}
