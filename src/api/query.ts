import { invalidField } from './fields.ts';

/**
 * The fields of a query, each at most once.
 * @throws AppError 400 for a field that is there twice
 */
export function queryOf(query: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (fields.has(name)) throw invalidField(name.slice(0, 64), 'Give this once.');
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
