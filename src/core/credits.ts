import { parseDecimal, partsOfDecimal, shortestDecimal } from './decimal.ts';

/** Credits are integers of micro-credits everywhere inside; decimal strings at the edges. */
export const MICRO_PER_CREDIT = 1_000_000n;
const CREDIT_DECIMALS = 6;

/** The most that one amount may be: a thousand billion credits, far inside PostgreSQL's bigint. */
export const AMOUNT_MICRO_MAX = 1_000_000_000_000n * MICRO_PER_CREDIT;

/**
 * Reads a decimal string of credits ("0.25", "-3") into micro-credits.
 * Undefined for anything else: exponents, more than six decimals, spaces, more than the greatest amount.
 */
export function parseCredits(text: string): bigint | undefined {
  const amount = parseDecimal(text, CREDIT_DECIMALS);
  if (amount === undefined || amount > AMOUNT_MICRO_MAX || amount < -AMOUNT_MICRO_MAX)
    return undefined;
  return amount;
}

/** The shortest decimal string of an amount, for APIs and files: 250000n is "0.25". */
export function decimalCredits(amountMicro: bigint): string {
  return shortestDecimal(amountMicro, CREDIT_DECIMALS);
}

/** How many decimals an amount needs to be shown exactly: at least two, at most six. */
export function decimalsOf(amountMicro: bigint): number {
  return Math.max(2, partsOf(amountMicro).fraction.replace(/0+$/, '').length);
}

/** The decimals that a column of amounts shows: as many as the longest needs. */
export function decimalsOfColumn(amountsMicro: Iterable<bigint>): number {
  let decimals = 2;
  for (const amount of amountsMicro) decimals = Math.max(decimals, decimalsOf(amount));
  return decimals;
}

/** The least of some amounts. */
export function least(first: bigint, ...others: bigint[]): bigint {
  return others.reduce((one, other) => (other < one ? other : one), first);
}

export interface CreditsFormat {
  /** Decimals to show; by default as many as the amount needs, at least two. Never rounds. */
  decimals?: number;
  /** Put a plus before what comes in. */
  plus?: boolean;
}

/** An amount for people: thousands by comma, the minus U+2212, never rounded. */
export function formatCredits(amountMicro: bigint, format: CreditsFormat = {}): string {
  const { sign, whole, fraction } = partsOf(amountMicro);
  const decimals = Math.max(format.decimals ?? 2, decimalsOf(amountMicro));
  const mark = sign < 0 ? '−' : format.plus === true && sign > 0 ? '+' : '';
  return `${mark}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.slice(0, decimals)}`;
}

/** Credits inside a sentence or a package's name: "500", but "0.50" when there is a fraction. */
export function plainCredits(amountMicro: bigint): string {
  return formatCredits(amountMicro).replace(/\.00$/, '');
}

function partsOf(amountMicro: bigint): ReturnType<typeof partsOfDecimal> {
  return partsOfDecimal(amountMicro, CREDIT_DECIMALS);
}
