import { z } from 'zod';
import type { PriceComponent } from '../../core/price-rules.ts';
import { DecimalComponents, decimalComponents } from '../../pricing/decimal-rules.ts';
import type { Values } from './kinds.ts';

const ROWS = 8;
const PARTS = ['code', 'label', 'unit', 'charge', 'price', 'step', 'minimum'] as const;
const TIERS = ['tiered', 'period', 'mode', 'bands'] as const;

const text = z.string().max(1_000).default('');
const names = [
  ...['version', 'planned', 'plan', 'from', 'reason', 'days', 'quantity', ...TIERS],
  ...Array.from({ length: ROWS }, (_, index) => PARTS.map((part) => `${part}_${index + 1}`)).flat(),
];

export const PriceForm = z.object(Object.fromEntries(names.map((name) => [name, text])));

export type ReadPrice =
  | { outcome: 'read'; components: PriceComponent[] }
  | { outcome: 'refused'; errors: Record<string, string> };

/** The components that a form writes; rows without a code are left out, none ends the price. */
export function componentsIn(values: Values): ReadPrice {
  const raw = (name: string): string => (values[name] ?? '').trim();
  const rows = Array.from({ length: ROWS }, (_, index) => index + 1).filter(
    (row) => raw(`code_${row}`) !== '' || raw(`price_${row}`) !== '',
  );
  const drafts = rows.map((row) => {
    const tiered = raw('tiered') !== '' && raw('tiered') === raw(`code_${row}`);
    const optional = (['step', 'minimum'] as const).filter((name) => raw(`${name}_${row}`) !== '');
    return {
      code: raw(`code_${row}`),
      label: raw(`label_${row}`),
      unit: raw(`unit_${row}`),
      charge: raw(`charge_${row}`),
      price: raw(`price_${row}`),
      ...Object.fromEntries(optional.map((name) => [name, raw(`${name}_${row}`)])),
      ...(tiered && {
        tiers: { period: raw('period'), mode: raw('mode'), bands: bandsIn(raw('bands')) },
      }),
    };
  });
  const errors: Record<string, string> = {};
  if (raw('tiered') !== '' && !drafts.some(({ code }) => code === raw('tiered'))) {
    errors['tiered'] = 'No line has this code.';
  }
  const parsed = DecimalComponents.safeParse(drafts);
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [index, part] = path;
    const row = typeof index === 'number' ? rows[index] : undefined;
    const name = part === 'tiers' ? 'bands' : `${String(part ?? 'code')}_${row ?? 1}`;
    errors[name] ??= message.startsWith('Too small') ? 'Enter something.' : message;
  }
  if (!parsed.success || Object.keys(errors).length > 0) return { outcome: 'refused', errors };
  return { outcome: 'read', components: parsed.data };
}

/** "100: 0, 1000: 0.08" */
function bandsIn(written: string): { up_to: string; price: string }[] {
  return written
    .split(',')
    .filter((band) => band.trim() !== '')
    .map((band) => {
      const [up_to = '', price = ''] = band.split(':').map((part) => part.trim());
      return { up_to, price };
    });
}

/** A price as it stands in the form. */
export function valuesOfPrice(components: readonly PriceComponent[]): Values {
  const values: Values = {};
  for (const [index, { tiers, ...one }] of decimalComponents(components).entries()) {
    const parts: Partial<Record<string, string>> = one;
    for (const part of PARTS) values[`${part}_${index + 1}`] = parts[part] ?? '';
    if (tiers === undefined) continue;
    const { period, mode } = tiers;
    const bands = tiers.bands.map(({ up_to, price }) => `${up_to}: ${price}`).join(', ');
    Object.assign(values, { tiered: one.code, period, mode, bands });
  }
  return values;
}

/** The rows that are filled in, and one more. */
export function priceRows(values: Values): number[] {
  const all = Array.from({ length: ROWS }, (_, index) => index + 1);
  const last = all.findLast((row) => (values[`code_${row}`] ?? '') !== '') ?? 0;
  return all.slice(0, Math.min(ROWS, last + 1));
}
