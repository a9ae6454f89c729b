import { asksAddress, asksTaxId, type Buyer } from './buyers.ts';
import { escape } from './markup.ts';
import type { Checkout } from './state.ts';
import { taxIdParameters } from './tax-id-types.ts';

const COUNTRIES =
  'US GB DE FR ES IT NL AT CH BE IE PL SE DK NO FI PT IN JP SG AU NZ CA BR MX AE ZA'.split(' ');
const TAX_ID_TYPES = [
  ['eu_vat', 'European VAT number'],
  ['gb_vat', 'UK VAT number'],
  ['in_gst', 'Indian GSTIN'],
  ['us_ein', 'US EIN'],
] as const;

/** What a form says of its buyer, or why it cannot be so. */
export function readBuyer(
  { session }: Checkout,
  fields: URLSearchParams,
): { buyer: Buyer } | { problem: string } {
  const field = (name: string): string => fields.get(name)?.trim() ?? '';
  const country = field('country');
  const buyer: Buyer = {
    name: field('name') || undefined,
    ...(COUNTRIES.includes(country) && {
      address: { country, postal_code: field('postal_code') || undefined },
    }),
  };
  const value = field('tax_id').replaceAll(' ', '').toUpperCase();
  if (!asksTaxId(session) || value === '') return { buyer };
  const tax_id = taxIdParameters.safeParse({ type: field('tax_id_type'), value });
  if (tax_id.success) return { buyer: { ...buyer, tax_id: tax_id.data } };
  return { problem: 'This tax id is not one of the chosen kind. Nothing was paid.' };
}

/** The fields for what the session asks of its buyer, as HTML; nothing when it asks nothing. */
export function buyerFields({ session }: Checkout, fields: URLSearchParams): string {
  const known = session.customer_details;
  const value = (name: string, otherwise: string | null | undefined): string =>
    escape(fields.get(name) ?? otherwise ?? '');
  const asked = [];
  if (asksAddress(session)) {
    const country = fields.get('country') ?? known?.address?.country ?? 'US';
    const names = new Intl.DisplayNames('en', { type: 'region' });
    const countries = COUNTRIES.map((code) => option(code, names.of(code) ?? code, country));
    asked.push(
      `<label>Name <input name="name" autocomplete="name" maxlength="256" value="${value('name', known?.name)}"></label>`,
      `<label>Country <select name="country">${countries.join('')}</select></label>`,
      `<label>Postal code <input name="postal_code" maxlength="20" value="${value('postal_code', known?.address?.postal_code)}"></label>`,
    );
  }
  if (asksTaxId(session)) {
    const type = fields.get('tax_id_type') ?? 'eu_vat';
    const types = TAX_ID_TYPES.map(([code, name]) => option(code, name, type));
    asked.push(
      `<label>Kind of tax id <select name="tax_id_type">${types.join('')}</select></label>`,
      `<label>Tax id, if you have one <input name="tax_id" maxlength="40" value="${value('tax_id', '')}"></label>`,
    );
  }
  if (asked.length === 0) return '';
  return `<fieldset class="fields">\n<legend>The buyer</legend>\n${asked.join('\n')}\n</fieldset>\n`;
}

function option(value: string, name: string, chosen: string): string {
  return `<option value="${value}"${value === chosen ? ' selected' : ''}>${escape(name)}</option>`;
}
