import type { z } from 'zod';

/** What a form's view shows: values as they were typed, a sentence per field, one for the whole. */
export interface FormState {
  values: Record<string, string>;
  errors: Record<string, string>;
  refusal?: string;
}

export type FormResult<Data> =
  | { ok: true; data: Data; values: Record<string, string> }
  | { ok: false; values: Record<string, string>; errors: Record<string, string> };

/** A form that nobody has filled in yet. */
export const EMPTY_FORM: FormState = { values: {}, errors: {} };

/**
 * Reads a form's body. `values` are for showing the form again: the schema's text fields without
 * passwords. `errors` has the first sentence for each field, '' for one about the whole form.
 * Fields that the schema does not know are ignored; a field that came twice, or as a list, is an
 * error of that field unless the schema takes it.
 */
export function parseForm<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): FormResult<z.output<Schema>> {
  const given = fieldsOf(schema, body);
  const values = textOf(given);
  const parsed = schema.safeParse(given, { error: sentenceFor });
  if (parsed.success) return { ok: true, data: parsed.data, values };
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    const field = String(issue.path[0] ?? '');
    const several = typeof given[field] === 'object' && given[field] !== null;
    errors[field] ??= several ? 'Give one value for this field.' : issue.message;
  }
  return { ok: false, values, errors };
}

/** Only own fields that the schema knows, so that no name from outside reaches a prototype. */
function fieldsOf(schema: z.ZodObject, body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const entries: [string, unknown][] = Object.entries(body);
  return Object.fromEntries(entries.filter(([name]) => Object.hasOwn(schema.shape, name)));
}

function textOf(given: Record<string, unknown>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' && !/password|secret/i.test(name)) values[name] = value;
  }
  return values;
}

/** For what a schema has no sentence of its own. */
function sentenceFor(issue: { code?: string | undefined; input?: unknown }): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'Fill in this field.' : 'This value cannot be read.';
}
