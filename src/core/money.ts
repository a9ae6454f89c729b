import { currencyDecimals, writtenDecimals } from './currencies.ts';
import { partsOfDecimal } from './decimal.ts';

/** Money is integers of a currency's minor unit, with the currency beside it. */

/** Latin digits, since the words around them are English; figures in a column are grouped alike. */
const IN_LATIN = { style: 'currency', numberingSystem: 'latn', useGrouping: 'always' } as const;

/** A sum for people, in the locale: formatMoney(4500n, 'USD') is "$45.00". */
export function formatMoney(minor: bigint, currency: string, locale = 'en'): string {
  const format = formatOf(locale, currency, writtenDecimals(currency));
  return format.format(decimalOf(minor, currencyDecimals(currency)));
}

/** A sum as people write it into a field: "45.00". */
export function writtenMoney(minor: bigint, currency: string): string {
  const { whole, fraction } = partsOfDecimal(minor, currencyDecimals(currency));
  const decimals = writtenDecimals(currency);
  return decimals === 0 ? whole : `${whole}.${fraction.slice(0, decimals)}`;
}

/** How a currency is written: its sign, or its code where it has none. Spaces stay where they are. */
export function currencySign(currency: string, locale = 'en'): string {
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency }).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}

/** A currency for people: "US dollars". */
export function currencyName(currency: string, locale = 'en'): string {
  const names = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'name',
  });
  return names.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency;
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
  return formatOf(locale, currency, 4).format(decimalOf(tenThousandths, scale));
}

/** Slow to make, cheap to keep: there are a dozen locales and the currencies of a catalogue. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, currency: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${currency} ${digits}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const made = new Intl.NumberFormat(locale, { ...IN_LATIN, currency, ...shown });
  formats.set(key, made);
  return made;
}

/** Intl formats a decimal string without loss, which a number would not do beyond 2^53. */
function decimalOf(value: bigint, decimals: number): Intl.StringNumericLiteral {
  const { sign, whole, fraction } = partsOfDecimal(value, decimals);
  const text = `${sign < 0 ? '-' : ''}${whole}${decimals === 0 ? '' : `.${fraction}`}`;
  return text as Intl.StringNumericLiteral;
}
