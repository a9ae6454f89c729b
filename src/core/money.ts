import { partsOfDecimal } from './decimal.ts';

/** Money is integers of a currency's minor unit, with the currency beside it. */

/** The decimals of a currency as ISO 4217 has them: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

/** A sum for people, in the locale: formatMoney(4500n, 'USD') is "$45.00". */
export function formatMoney(minor: bigint, currency: string, locale = 'en'): string {
  const decimals = currencyDecimals(currency);
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(
    decimalOf(minor, decimals),
  );
}

/**
 * The price of one credit, with four decimals, rounded half up: for comparing packages only, never
 * for charging.
 */
export function formatPricePerCredit(
  minor: bigint,
  currency: string,
  creditsMicro: bigint,
  locale = 'en',
): string {
  if (creditsMicro <= 0n) throw new Error('a price per credit needs credits');
  const scale = 4 + currencyDecimals(currency);
  const tenThousandths = (minor * 10_000n * 1_000_000n * 2n + creditsMicro) / (creditsMicro * 2n);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  }).format(decimalOf(tenThousandths, scale));
}

/** Intl formats a decimal string without loss, which a number would not do beyond 2^53. */
function decimalOf(value: bigint, decimals: number): Intl.StringNumericLiteral {
  const { sign, whole, fraction } = partsOfDecimal(value, decimals);
  const text = `${sign < 0 ? '-' : ''}${whole}${decimals === 0 ? '' : `.${fraction}`}`;
  return text as Intl.StringNumericLiteral;
}
