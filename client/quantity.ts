/** A quantity as programs have it: a decimal string ("1.5"), or a whole number. */
export type Quantity = string | number | bigint;

const DECIMAL = /^\d{1,13}(?:\.\d{1,6})?$/;

/** @throws TypeError at the place where a quantity is said, instead of a refusal when it is charged */
export function decimalOf(quantity: Quantity): string {
  const isExact = typeof quantity !== 'number' || Number.isSafeInteger(quantity);
  const text = String(quantity);
  if (isExact && DECIMAL.test(text)) return text;
  throw new TypeError('Give a whole number, or a decimal string with at most six decimals: "1.5".');
}

export function isNothing(decimal: string): boolean {
  return /^[0.]+$/.test(decimal);
}
