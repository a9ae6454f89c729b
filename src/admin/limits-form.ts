import { z } from 'zod';
import { decimalCredits, parseCredits } from '../core/credits.ts';
import { isCurrency, parseMoney } from '../core/currencies.ts';
import { writtenMoney } from '../core/money.ts';
import type { StaffLimits } from '../core/staff-limits.ts';

const credits = (text: string): bigint | undefined => {
  const micro = parseCredits(text);
  return micro !== undefined && micro >= 0n ? micro : undefined;
};

const CREDITS_SENTENCE = 'Enter credits as a number, such as 100.';
const MONEY_SENTENCE = 'Write a currency and an amount on each line, as USD 1000.';

/** What each of the staff may do alone in a day. */
export const LimitsForm = z.object({
  small: z
    .string(CREDITS_SENTENCE)
    .trim()
    .transform((text, context): bigint => {
      const micro = credits(text);
      if (micro !== undefined) return micro;
      context.addIssue(CREDITS_SENTENCE);
      return z.NEVER;
    }),
  large: z
    .string()
    .trim()
    .transform((text, context): bigint | null => {
      if (text === '') return null;
      const micro = credits(text);
      if (micro !== undefined) return micro;
      context.addIssue('Enter credits as a number, such as 10000, or leave it empty.');
      return z.NEVER;
    }),
  money: z
    .string()
    .max(2_000)
    .transform((text, context): Record<string, bigint> => {
      const lines = text.split('\n').map((line) => line.trim());
      const amounts = lines.filter(Boolean).map(amountIn);
      const known = amounts.filter((one) => one !== undefined);
      if (known.length === amounts.length) return Object.fromEntries(known);
      context.addIssue(MONEY_SENTENCE);
      return z.NEVER;
    }),
});

export function limitsOf({ small, large, money }: z.output<typeof LimitsForm>): StaffLimits {
  return { small_credits_micro: small, credits_micro: large, money_minor: money };
}

/** The limits as the form shows them. */
export function valuesOf(limits: StaffLimits): Record<string, string> {
  const { small_credits_micro, credits_micro, money_minor } = limits;
  return {
    small: decimalCredits(small_credits_micro),
    large: credits_micro === null ? '' : decimalCredits(credits_micro),
    money: Object.entries(money_minor)
      .map(([currency, minor]) => `${currency} ${writtenMoney(minor, currency)}`)
      .join('\n'),
  };
}

function amountIn(line: string): [string, bigint] | undefined {
  const [, code = '', written = ''] = /^([A-Za-z]{3})\s+(.+)$/.exec(line) ?? [];
  const currency = code.toUpperCase();
  const minor = isCurrency(currency) ? parseMoney(written, currency) : undefined;
  return minor === undefined ? undefined : [currency, minor];
}
