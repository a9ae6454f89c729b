/** A quantity as programs have it: a decimal string ("1.5"), or a whole number. */
export type Quantity = string | number | bigint;

/** Of components of a price that are measured by themselves, by their codes: tokens read and written. */
export type Components = Readonly<Record<string, Quantity>>;

/** What is held or charged, as the API reads it. */
export interface Measured {
  quantity: string;
  components?: Record<string, string>;
}

const DECIMAL = /^\d{1,13}(?:\.\d{1,6})?$/;

/** @throws TypeError at the place where a quantity is said, instead of a refusal when it is charged */
export function decimalOf(quantity: Quantity): string {
  const isExact = typeof quantity !== 'number' || Number.isSafeInteger(quantity);
  const text = String(quantity);
  if (isExact && DECIMAL.test(text)) return text;
  throw new TypeError('Give a whole number, or a decimal string with at most six decimals: "1.5".');
}

/** @throws TypeError as `decimalOf` does */
export function measuredOf(quantity: Quantity, components: Components | undefined): Measured {
  const measured = { quantity: decimalOf(quantity) };
  if (components === undefined) return measured;
  const decimals = Object.entries(components).map(([code, one]) => [code, decimalOf(one)] as const);
  return { ...measured, components: Object.fromEntries(decimals) };
}

export function isNothing({ quantity }: Measured): boolean {
  return /^[0.]+$/.test(quantity);
}
