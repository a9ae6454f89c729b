import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { schemaOf } from './openapi.ts';

/** An endpoint as the documentation shows it. */
export interface Described {
  id: string;
  method: string;
  path: string;
  summary: string;
  scope: string;
  fields: DescribedField[];
  answers: DescribedField[];
  curl: string;
  typescript: string;
}

interface DescribedField {
  name: string;
  type: string;
  required: boolean;
  description: string;
}

/** The endpoints by the noun that their paths begin with, in their order. */
export function referenceOf(
  endpoints: readonly Endpoint[],
  origin: string,
): { noun: string; endpoints: Described[] }[] {
  const groups = Map.groupBy(endpoints, ({ path }) => path.split('/')[1] ?? '');
  return [...groups].map(([noun, group]) => ({
    noun,
    endpoints: group.map((endpoint) => describe(endpoint, origin)),
  }));
}

function describe(endpoint: Endpoint, origin: string): Described {
  const { id, method, path, summary, scope, request, response } = endpoint;
  return {
    ...{ id, method, summary, scope, path: `/api/v1${path}` },
    fields: fieldsOf(schemaOf(request, 'input')),
    answers: fieldsOf(schemaOf(response, 'output')),
    curl: curlFor(endpoint, origin),
    typescript: typescriptFor(endpoint),
  };
}

const Properties = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});
const Shape = z.union([
  Properties.extend({ type: z.literal('object') }),
  // Of several forms of a request the first is the usual one.
  z.object({ anyOf: z.tuple([Properties], z.unknown()) }).transform(({ anyOf }) => anyOf[0]),
]);

function fieldsOf(schema: unknown): DescribedField[] {
  const { properties, required } = Shape.parse(schema);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeOf(property),
    required: required.includes(name),
    description: textOf(property['description']),
  }));
}

function typeOf(property: Record<string, unknown>): string {
  if (Array.isArray(property['enum'])) return property['enum'].map(textOf).join(' | ');
  if (property['format'] === 'date-time') return 'time';
  if (property['pattern'] === undefined || property['type'] !== 'string') {
    return textOf(property['type']) || 'value';
  }
  return 'decimal';
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const Example = z.record(z.string(), z.unknown());

function curlFor({ method, path, idempotent, id, example }: Endpoint, origin: string): string {
  const shown = Example.parse(example);
  const query = method === 'GET' ? queryOf(shown) : '';
  const address = `${origin}/api/v1${path.replace(/:(\w+)/g, (_, name: string) => `$${name.toUpperCase()}`)}`;
  const lines = [
    // In double quotes, so that the shell puts in what the path names.
    `curl "${address}${query === '' ? '' : `?${query}`}"`,
    '  -H "Authorization: Bearer $SCRIP_KEY"',
    ...(idempotent === 'no' ? [] : [`  -H "Idempotency-Key: ${id}-4711"`]),
    ...(method === 'GET'
      ? []
      : [
          '  -H "Content-Type: application/json"',
          `  -d '${jsonOf(shown).replaceAll("'", String.raw`'\''`)}'`,
        ]),
  ];
  return lines.join(' \\\n');
}

function queryOf(shown: Record<string, unknown>): string {
  return new URLSearchParams(
    Object.entries(shown).map(([name, value]): [string, string] => [name, textOf(value)]),
  ).toString();
}

function jsonOf(shown: Record<string, unknown>): string {
  return JSON.stringify(shown, null, 1).replace(/\n\s*/g, ' ');
}

function typescriptFor({ id, path, example }: Endpoint): string {
  const named = /:(\w+)/.exec(path)?.[1];
  const request = Example.parse(example);
  const fields = Object.entries(request).map(([name, value]) => `  ${name}: ${literalOf(value)},`);
  const literal = fields.length === 0 ? '' : `{\n${fields.join('\n')}\n}`;
  const given = [named, literal].filter((one) => one !== undefined && one !== '');
  return `const answer = await scrip.${id}(${given.join(', ')});`;
}

function literalOf(value: unknown): string {
  if (typeof value === 'string') return `'${value.replace(/['\\]/g, String.raw`\$&`)}'`;
  return JSON.stringify(value);
}
