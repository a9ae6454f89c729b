import { z } from 'zod';
import { AMOUNT_MICRO_MAX, parseCredits } from '../core/credits.ts';
import { parseDecimal } from '../core/decimal.ts';
import { type Instant, instantOf, parseRfc3339 } from '../core/instant.ts';
import { QUANTITY_DECIMALS, type Quantities } from '../core/price-rules.ts';
import { AppError } from '../lib/errors.ts';

const SECONDS_MAX = 31_536_000;
/** Clocks of callers may be ahead of ours by so much. */
const AHEAD_MICROS_MAX = 300_000_000n;

/** The fields of requests: strict, and each says in a sentence what it wants. */

/** Text that PostgreSQL can keep and a log can show. */
export function textField(most: number) {
  return z
    .string()
    .min(1, 'Give at least one character.')
    .max(most, `Give at most ${most} characters.`)
    .refine(isPlain, 'A control character or half of a character cannot be kept.');
}

/** What a schema cannot say by itself of a decimal; the description of the API does. */
const DECIMAL = { pattern: '^\\d+(\\.\\d{1,6})?$', examples: ['1.5'] };

export const decimalQuantity = z
  .string()
  .meta({ ...DECIMAL, description: 'A decimal above 0, in the unit of the operation.' })
  .transform((text, context): bigint => {
    const quantity = parseDecimal(text, QUANTITY_DECIMALS);
    if (quantity !== undefined && quantity > 0n && quantity <= QUANTITY_MAX) return quantity;
    context.addIssue('Give a decimal above 0 with at most six decimals, as a string: "1.5".');
    return z.NEVER;
  });

const measured = z
  .string()
  .meta({ ...DECIMAL, description: 'A decimal of 0 or more, in the unit of the component.' })
  .transform((text, context): bigint => {
    const quantity = parseDecimal(text, QUANTITY_DECIMALS);
    if (quantity !== undefined && quantity >= 0n && quantity <= QUANTITY_MAX) return quantity;
    context.addIssue('Give a decimal of 0 or more with at most six decimals, as a string: "1.5".');
    return z.NEVER;
  });

const COMPONENTS_MAX = 20;

/** Of components of a price that are measured by themselves, by their codes. */
export const componentsField = z
  .record(textField(64), measured)
  .refine(
    (components) => Object.keys(components).length <= COMPONENTS_MAX,
    `Give at most ${COMPONENTS_MAX} components.`,
  )
  .transform((components): Quantities => new Map(Object.entries(components)))
  .meta({
    description:
      'How much there was of components of the price that are measured by themselves, by code; the others take the quantity.',
  });

export const decimalAmount = z
  .string()
  .meta({ ...DECIMAL, description: 'Credits above 0, as a decimal string.' })
  .transform((text, context): bigint => {
    const amount = parseCredits(text);
    if (amount !== undefined && amount > 0n) return amount;
    context.addIssue('Give credits above 0 with at most six decimals, as a string: "0.25".');
    return z.NEVER;
  });

export const instantField = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context): Instant => {
    const instant = parseRfc3339(text);
    if (instant !== undefined) return instant;
    context.addIssue('Give a time by RFC 3339: "2026-11-20T09:30:00Z".');
    return z.NEVER;
  });

export const metadataField = z
  .record(textField(64), textField(500))
  .refine((metadata) => Object.keys(metadata).length <= 50, 'Give at most 50 members.');

/** How long a hold is to last from now. The wallet's own limit counts, if it is less. */
export const secondsField = z
  .int()
  .min(1, 'Give at least one second.')
  .max(SECONDS_MAX, `Give at most ${SECONDS_MAX} seconds.`)
  .meta({
    description: 'How long it lasts from now. The limit of the wallet counts, if it is less.',
  });

/** Whose wallet: for keys of the service. */
export const whoseFields = {
  customer: textField(255)
    .optional()
    .meta({ description: "The product's own id of its customer. With a key of the service." }),
  workspace: textField(64)
    .optional()
    .meta({ description: 'Or the slug of a workspace with members.' }),
};

/** What is asked for: fields that several requests have. */
export const operationField = textField(100).meta({
  description: 'The code of an operation in the price book.',
});
export const onBehalfOfField = textField(255)
  .optional()
  .meta({ description: 'Who used it, as the product calls them.' });
export const occurredAtField = instantField
  .refine(
    (instant) => instant <= instantOf(new Date()) + AHEAD_MICROS_MAX,
    'This is in the future. Leave it out for what happens now.',
  )
  .optional()
  .meta({ description: 'When it was, if not now; for analytics only.' });
export const allowPartialField = z
  .boolean()
  .optional()
  .meta({ description: 'Take what there is when it is not enough.' });

export const quoteField = z
  .uuid('Give the id of a quote.')
  .optional()
  .meta({ description: 'The quote that has locked the price.' });

/** What every change of a wallet may bring: text that is kept beside the entry, and a time for tests. */
export const detailFields = {
  description: textField(500)
    .optional()
    .meta({ description: 'Kept beside the entry; can be erased.' }),
  metadata: metadataField.optional().meta({ description: 'Up to 50 strings by name, kept too.' }),
  at: instantField.optional().meta({
    description:
      'With a key for tests only: when it is, after the last entry of the wallet and not in the future.',
  }),
};

const QUANTITY_MAX = AMOUNT_MICRO_MAX;
const KEY = /^[\x20-\x7e]{1,255}$/;

/** @throws AppError 400 `idempotency_key_missing` or `idempotency_key_invalid` */
export function idempotencyKeyOf(brought: string | string[] | undefined): string {
  if (brought === undefined) {
    throw new AppError(
      400,
      'idempotency_key_missing',
      'Send the header Idempotency-Key, so that asking again is safe. Nothing was changed.',
    );
  }
  if (typeof brought === 'string' && KEY.test(brought)) return brought;
  throw new AppError(
    400,
    'idempotency_key_invalid',
    'Idempotency-Key has 1 to 255 printable ASCII characters. Nothing was changed.',
  );
}

export const idempotencyKeyField = z
  .string()
  .regex(KEY, 'Give 1 to 255 printable ASCII characters.');

/**
 * Reads a body by its schema.
 * @throws AppError 400 `invalid_request`, which names each field that is wrong or unknown
 */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body, { error: sentenceFor });
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues.flatMap(faultsOf));
}

/** A member that is there only when it was given. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  const members: { [Key in Name]?: Value } = {};
  if (value !== undefined) members[name] = value;
  return members;
}

interface FieldFault {
  field: string;
  message: string;
}

export function invalidField(field: string, message: string): AppError {
  return invalidRequest([{ field, message }]);
}

function invalidRequest(errors: readonly FieldFault[]): AppError {
  const named = errors.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  return new AppError(
    400,
    'invalid_request',
    `${named.slice(0, FAULTS_SAID_MAX).join(' ')} Nothing was changed.`,
    { errors: errors.slice(0, FAULTS_MAX) },
  );
}

const FAULTS_SAID_MAX = 3;
const FAULTS_MAX = 100;

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys')
    return [{ field: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({
    field: [...path, key.slice(0, 64)].join('.'),
    message: 'There is no such field.',
  }));
}

/** For what a schema has no sentence of its own. */
function sentenceFor(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'This is required.';
  return `Give ${NAMES[issue.expected] ?? 'another kind of value'}${hintFor(issue)}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
};

function hintFor(issue: { expected: string; input?: unknown }): string {
  const isNumber = issue.expected === 'string' && typeof issue.input === 'number';
  return isNumber ? ', not a number: numbers lose digits on their way.' : '.';
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text);
}

/** The control characters of ASCII but for tab and the ends of lines. */
const CONTROL = /[^\P{Cc}\t\n\r\u0080-\u009f]/u;
