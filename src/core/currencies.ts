import { parseDecimal } from './decimal.ts';

/*
 * An amount of money is a whole number of minor units as Stripe counts them
 * (docs.stripe.com/currencies: "Zero-decimal currencies", "Three-decimal currencies", "Special
 * cases"), so that no amount is converted on its way there and back. That is nearly ISO 4217, and is
 * not what Intl has, which leaves out the decimals that cash has lost: HUF, COP, IDR, PKR and others.
 */
const WITHOUT_DECIMALS = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
);
/** Of three decimals the last one must be 0. */
const WITH_THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '));
/** Sent with two decimals that must be 00: they have no fractions any more. */
const WITH_TWO_ZEROS = new Set('ISK UGX'.split(' '));

const KNOWN = new Set(Intl.supportedValuesOf('currency'));

/** Whether it is the ISO 4217 code of a currency, in capitals. */
export function isCurrency(code: string): boolean {
  return KNOWN.has(code);
}

/** The decimals of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  if (WITHOUT_DECIMALS.has(currency)) return 0;
  return WITH_THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** The decimals that people write: as many as the minor unit has, but none for ISK. */
export function writtenDecimals(currency: string): number {
  return WITH_TWO_ZEROS.has(currency) ? 0 : currencyDecimals(currency);
}

/** What every amount that is paid must be a multiple of, in minor units: 1, for KWD 10, for ISK 100. */
export function payableStep(currency: string): bigint {
  if (WITH_TWO_ZEROS.has(currency)) return 100n;
  return WITH_THREE_DECIMALS.has(currency) ? 10n : 1n;
}

/**
 * Reads what somebody wrote as an amount of money: digits, with a point before at most as many
 * decimals as people write in this currency. Undefined for everything else: "1e3", "10,00", "-5".
 */
export function parseMoney(text: string, currency: string): bigint | undefined {
  if (text.startsWith('-')) return undefined;
  const amount = parseDecimal(text, writtenDecimals(currency));
  if (amount === undefined) return undefined;
  return amount * 10n ** BigInt(currencyDecimals(currency) - writtenDecimals(currency));
}
