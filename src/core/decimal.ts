const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d+))?$/;

/**
 * Reads a decimal string exactly into an integer of 10^-decimals: parseDecimal('0.25', 6) is 250000n.
 * Undefined for anything else: exponents, too many decimals or digits, signs other than a minus,
 * spaces.
 */
export function parseDecimal(text: string, decimals: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  if (fraction.length > decimals) return undefined;
  const value = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign === '-' ? -value : value;
}

/** The shortest decimal string of an integer of 10^-decimals: 250000n of 6 is "0.25". */
export function shortestDecimal(value: bigint, decimals: number): string {
  const { sign, whole, fraction } = partsOfDecimal(value, decimals);
  const digits = fraction.replace(/0+$/, '');
  return `${sign < 0 ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}`;
}

/** The sign, the whole digits and all the decimals of an integer of 10^-decimals. */
export function partsOfDecimal(
  value: bigint,
  decimals: number,
): { sign: -1 | 0 | 1; whole: string; fraction: string } {
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, '0');
  return {
    sign: value < 0n ? -1 : value > 0n ? 1 : 0,
    whole: digits.slice(0, digits.length - decimals),
    fraction: digits.slice(digits.length - decimals),
  };
}
