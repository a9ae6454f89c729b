import { decimalCredits } from './credits.ts';

/** A field that an audit event names, as it was and as it is; undefined where it was not there. */
export interface ChangedField {
  field: string;
  before: string | undefined;
  after: string | undefined;
}

/** What changed, field by field, as the event keeps it; credits as people write them. */
export function changesIn(before: unknown, after: unknown): ChangedField[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.map((name) => ({
    field: name.replace(/_micro$/, '').replaceAll('_', ' '),
    before: written(name, was.get(name)),
    after: written(name, is.get(name)),
  }));
}

function fieldsOf(told: unknown): Map<string, unknown> {
  if (told === null || told === undefined) return new Map();
  if (typeof told !== 'object' || Array.isArray(told)) return new Map([['value', told]]);
  return new Map(Object.entries(told));
}

function written(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'nothing';
  const isCredits = name.endsWith('_micro') && typeof value === 'string' && /^-?\d+$/.test(value);
  if (isCredits) return decimalCredits(BigInt(value));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
