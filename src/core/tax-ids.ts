export const TAX_ID_KINDS = ['gstin', 'eu_vat', 'other'] as const;
export type TaxIdKind = (typeof TAX_ID_KINDS)[number];

export type TaxIdRead = { ok: true; tax_id: string } | { ok: false; sentence: string };

/**
 * Reads a tax id as its country writes it, without the spaces and dots that people put in. Whether
 * it is in use only its country knows; what can be told from the text is told.
 */
export function readTaxId(kind: TaxIdKind, text: string, country: string): TaxIdRead {
  if (kind === 'other') return readOther(text);
  const tax_id = text.toUpperCase().replace(/[\s./-]/g, '');
  return kind === 'gstin' ? readGstin(tax_id, country) : readEuVat(tax_id, country);
}

/** How a tax id is called on an invoice. */
export const TAX_ID_LABELS: Record<TaxIdKind, string> = {
  gstin: 'GSTIN',
  eu_vat: 'VAT id',
  other: 'Tax id',
};

/** The kind that a tax id has by its form, for one that nobody said the kind of. */
export function kindOfTaxId(taxId: string, country: string): TaxIdKind {
  const kinds = ['gstin', 'eu_vat'] as const;
  return kinds.find((kind) => readTaxId(kind, taxId, country).ok) ?? 'other';
}

function readOther(text: string): TaxIdRead {
  const tax_id = text.trim().replace(/\s+/g, ' ');
  if (/^[\p{L}\p{N}][\p{L}\p{N} ./+*-]{1,39}$/u.test(tax_id)) return { ok: true, tax_id };
  return no('Enter the tax id: 2 to 40 letters, digits, spaces, dots and dashes.');
}

/** State, PAN of the holder, number of the registration, a letter, and the check digit. */
const GSTIN = /^(\d\d)[A-Z]{5}\d{4}[A-Z][1-9A-Z][A-Z][0-9A-Z]$/;
/** States and union territories, other territory, and the centre. */
const isState = (code: number): boolean => (code >= 1 && code <= 38) || code === 97 || code === 99;

function readGstin(tax_id: string, country: string): TaxIdRead {
  if (country !== 'IN')
    return no('A GSTIN is given by India only. Choose that country, or another kind.');
  const state = GSTIN.exec(tax_id)?.[1];
  if (state === undefined || !isState(Number(state))) {
    return no('A GSTIN has 15 characters, like 27AAPFU0939F1ZV.');
  }
  if (checkDigitOfGstin(tax_id.slice(0, 14)) !== tax_id[14]) {
    return no('The last character of the GSTIN does not fit the others. Look for a typing error.');
  }
  return { ok: true, tax_id };
}

const BASE_36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Luhn's way in base 36: every second value doubled, and of each product both digits added. */
function checkDigitOfGstin(characters: string): string | undefined {
  let sum = 0;
  for (let index = 0; index < characters.length; index++) {
    const product = BASE_36.indexOf(characters.charAt(index)) * (index % 2 === 0 ? 1 : 2);
    sum += Math.floor(product / 36) + (product % 36);
  }
  return BASE_36[(36 - (sum % 36)) % 36];
}

/** What follows the letters of the country. Greece writes EL, Northern Ireland XI. */
const EU_VAT: Record<string, { prefix?: string; form: RegExp }> = {
  AT: { form: /^U\d{8}$/ },
  BE: { form: /^[01]\d{9}$/ },
  BG: { form: /^\d{9,10}$/ },
  CY: { form: /^\d{8}[A-Z]$/ },
  CZ: { form: /^\d{8,10}$/ },
  DE: { form: /^\d{9}$/ },
  DK: { form: /^\d{8}$/ },
  EE: { form: /^\d{9}$/ },
  ES: { form: /^(?:[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z])$/ },
  FI: { form: /^\d{8}$/ },
  FR: { form: /^[A-HJ-NP-Z0-9]{2}\d{9}$/ },
  GB: { prefix: 'XI', form: /^(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})$/ },
  GR: { prefix: 'EL', form: /^\d{9}$/ },
  HR: { form: /^\d{11}$/ },
  HU: { form: /^\d{8}$/ },
  IE: { form: /^(?:\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])$/ },
  IT: { form: /^\d{11}$/ },
  LT: { form: /^(?:\d{9}|\d{12})$/ },
  LU: { form: /^\d{8}$/ },
  LV: { form: /^\d{11}$/ },
  MT: { form: /^\d{8}$/ },
  NL: { form: /^[0-9A-Z+*]{9}B\d{2}$/ },
  PL: { form: /^\d{10}$/ },
  PT: { form: /^\d{9}$/ },
  RO: { form: /^\d{2,10}$/ },
  SE: { form: /^\d{10}01$/ },
  SI: { form: /^\d{8}$/ },
  SK: { form: /^\d{10}$/ },
};

function readEuVat(tax_id: string, country: string): TaxIdRead {
  const known = EU_VAT[country];
  if (known === undefined) return no('That country gives no EU VAT ids. Choose Other.');
  const prefix = known.prefix ?? country;
  if (!tax_id.startsWith(prefix)) return no(`A VAT id of that country begins with ${prefix}.`);
  if (known.form.test(tax_id.slice(prefix.length))) return { ok: true, tax_id };
  return no('This is not how that country writes its VAT ids. Look for a typing error.');
}

function no(sentence: string): TaxIdRead {
  return { ok: false, sentence };
}
