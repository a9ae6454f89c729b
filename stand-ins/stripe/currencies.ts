/** Currencies whose smallest unit at Stripe is the whole one, and those with three decimals. */
const NO_DECIMALS = new Set(
  'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '),
);
const THREE_DECIMALS = new Set('bhd jod kwd omr tnd'.split(' '));

/** The least that Stripe charges, in minor units; a currency that is not listed takes 1. */
const MINIMUM_MINOR: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};

/** Stripe takes amounts of up to eight digits. */
export const MAXIMUM_MINOR = 99_999_999;

const KNOWN = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

/** Whether `code` is a lower-case ISO 4217 code of a currency in use. */
export function isCurrency(code: string): boolean {
  return KNOWN.has(code);
}

/** What every amount must be a multiple of: the last of three decimals is 0, ISK and UGX have none. */
export function stepMinor(currency: string): number {
  if (currency === 'isk' || currency === 'ugx') return 100;
  return THREE_DECIMALS.has(currency) ? 10 : 1;
}

/** The least total of a payment in minor units. */
export function minimumMinor(currency: string): number {
  return MINIMUM_MINOR[currency] ?? 1;
}

function digitsOf(currency: string): number {
  return NO_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** An amount of minor units as a plain decimal, for example `12.50`. */
export function decimalOf(amount_minor: number, currency: string): string {
  return (amount_minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));
}

/** A plain decimal as minor units; undefined when it is none of this currency. */
export function parseDecimal(text: string, currency: string): number | undefined {
  const [, whole = '', part = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text) ?? [];
  const digits = digitsOf(currency);
  if (whole === '' || part.length > digits) return undefined;
  return Number(whole) * 10 ** digits + Number(part.padEnd(digits, '0') || '0');
}

/** An amount of minor units as people read it, for example `€12.50`. */
export function formatMinor(amount_minor: number, currency: string, locale = 'en'): string {
  const digits = digitsOf(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount_minor / 10 ** digits);
}
