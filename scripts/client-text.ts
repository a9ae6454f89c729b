import type { z } from 'zod';
import type { Endpoint } from '../src/api/endpoint.ts';
import { schemaOf } from '../src/api/openapi.ts';

type Schema = z.core.JSONSchema.BaseSchema;
type Direction = 'input' | 'output';

const WRITTEN = '/* Written by `npm run client` from the endpoints in src/api. */';

/** The files of the calls by name: the types of each noun's, and all calls by name. */
export function callsFiles(endpoints: readonly Endpoint[]): Map<string, string> {
  const nouns = Map.groupBy(endpoints, ({ path }) => path.split('/')[1] ?? '');
  return new Map([
    ['calls.ts', callsText(endpoints, [...nouns.keys()])],
    ...[...nouns].map(([noun, ones]) => [`calls/${noun}.ts`, typesText(ones)] as const),
  ]);
}

/** The types of what each endpoint is asked and answers. */
function typesText(endpoints: readonly Endpoint[]): string {
  const types = endpoints.flatMap((endpoint) => {
    const { id, response } = endpoint;
    return [
      declared(`${typeName(id)}Request`, requestOf(endpoint), 'input'),
      declared(`${typeName(id)}Answer`, schemaOf(response, 'output'), 'output'),
    ];
  });
  return [WRITTEN, ...types].join('\n');
}

/** Which types each call has, and where it goes. */
function callsText(endpoints: readonly Endpoint[], nouns: readonly string[]): string {
  const calls = endpoints.map(({ id, path, idempotent }) => {
    const name = typeName(id);
    const types = `${namespaceOf(path)}.${name}`;
    const answer = idempotent === 'no' ? `${types}Answer` : `${types}Answer & Replayable`;
    return `${methodName(id)}: { request: ${types}Request; answer: ${answer} };`;
  });
  const routes = endpoints.map(
    ({ id, method, path }) => `${methodName(id)}: { method: '${method}', path: '${path}' },`,
  );
  return [
    WRITTEN,
    ...nouns.map(
      (noun) => `import type * as ${namespaceOf(`/${noun}`)} from './calls/${noun}.ts';`,
    ),
    ...nouns.map((noun) => `export type * from './calls/${noun}.ts';`),
    '/** What is told with every change: whether this is the first answer to its key again. */',
    'export interface Replayable { replayed: boolean }',
    '/** Each call by its name. */',
    `export interface Calls { ${calls.join('\n')} }`,
    '/** Where each call goes, under /api/v1. */',
    'export const ROUTES: Readonly<Record<keyof Calls, { method: string; path: string }>> = {',
    ...routes,
    '};',
  ].join('\n');
}

function namespaceOf(path: string): string {
  return typeName(path.split('/')[1] ?? '');
}

/** A class with a method for each endpoint. */
export function apiText(endpoints: readonly Endpoint[]): string {
  const names = endpoints.flatMap(({ id }) => [`${typeName(id)}Request`, `Calls`]);
  return [
    WRITTEN,
    `import type { ${[...new Set(names)].sort().join(', ')} } from './calls.ts';`,
    `import { Caller } from './caller.ts';`,
    `import type { CallOptions } from './transport.ts';`,
    '/** The calls of the API, one for each endpoint. */',
    'export class Api extends Caller {',
    endpoints.map(methodText).join('\n\n'),
    '}',
  ].join('\n');
}

function methodText(endpoint: Endpoint): string {
  const { id, path, summary } = endpoint;
  const named = /:(\w+)/.exec(path)?.[1];
  const isNeeded = (requestOf(endpoint).required ?? []).length > 0;
  const parameters = [
    ...(named === undefined ? [] : [`${named}: string | number`]),
    `request: ${typeName(id)}Request${isNeeded ? '' : ' = {}'}`,
    'options: CallOptions = {}',
  ];
  const name = methodName(id);
  const values = [`'${name}'`, 'request', 'options', ...(named === undefined ? [] : [named])];
  return `/** ${summary} */
    ${name}(${parameters.join(', ')}): Promise<Calls['${name}']['answer']> {
      return this.call(${values.join(', ')});
    }`;
}

/** Of an endpoint that takes one or many, what one is. */
function requestOf({ request, many }: Endpoint): Schema {
  const schema = schemaOf(request, 'input');
  const [one] = many === undefined ? [] : (schema.anyOf ?? []);
  return one ?? schema;
}

function declared(name: string, schema: Schema, direction: Direction): string {
  const type = typeOf(schema, direction);
  const isInterface = Object.keys(schema.properties ?? {}).length > 0;
  return isInterface ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
}

function typeOf(schema: z.core.JSONSchema._JSONSchema, direction: Direction): string {
  if (typeof schema === 'boolean') return 'unknown';
  if (schema.$ref !== undefined) throw new Error(`the client's types have no ${schema.$ref}`);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return several.map((one) => typeOf(one, direction)).join(' | ');
  const { type } = schema;
  if (Array.isArray(type)) {
    return type.map((one) => typeOf({ ...schema, type: one }, direction)).join(' | ');
  }
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `(${Array.isArray(schema.items) ? 'unknown' : typeOf(schema.items ?? true, direction)})[]`;
    case 'object':
      return objectType(schema, direction);
    default:
      return 'unknown';
  }
}

/** A debit that only asks is answered like a quote, which has a call of its own. */
const ANSWERED_OTHERWISE = 'dry_run';

function objectType(schema: Schema, direction: Direction): string {
  const { properties, required = [], additionalProperties = true } = schema;
  if (properties === undefined) return `Record<string, ${typeOf(additionalProperties, direction)}>`;
  if (Object.keys(properties).length === 0) return 'Record<string, never>';
  const shown = Object.entries(properties).filter(([name]) => name !== ANSWERED_OTHERWISE);
  const members = shown.map(([name, property]) => {
    const type = typeOf(property, direction);
    const isOptional = !required.includes(name);
    const member = isOptional && direction === 'input' ? `${type} | undefined` : type;
    return `${commentOn(property)}${name}${isOptional ? '?' : ''}: ${member};`;
  });
  const isOpen = direction === 'output' && typeof additionalProperties === 'object';
  return `{ ${[...members, ...(isOpen ? ['[member: string]: unknown;'] : [])].join('\n')} }`;
}

function commentOn(schema: z.core.JSONSchema._JSONSchema): string {
  if (typeof schema === 'boolean' || schema.description === undefined) return '';
  return `/** ${schema.description} */\n`;
}

/** `balance_at` is the method `balanceAt` and the type `BalanceAt`. */
function methodName(id: string): string {
  return id.replace(/[^a-zA-Z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function typeName(id: string): string {
  const name = methodName(id);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
