import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { SignedInEndpoint } from './signed-in/endpoint.ts';

/** A JSON Schema of the draft that OpenAPI 3.1 speaks. */
type Schema = z.core.JSONSchema.BaseSchema;

/** What a request may be refused with whatever it asks, and what else a command may be. */
const REFUSED_ALWAYS = ['400', '401', '403', '404', '429', '500', '503'];
const SERVER = '/api/v1';
const COMMAND_REFUSED = ['402', '409', '413', '415', '422'];

/** The description of the API by OpenAPI 3.1, made of the schemas that read requests. */
export function openApiOf(
  endpoints: readonly Endpoint[],
  signedIn: readonly SignedInEndpoint[] = [],
) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint);
  }
  for (const endpoint of signedIn) {
    const isBeside = endpoint.path.startsWith(`${SERVER}/`);
    const path = isBeside ? endpoint.path.slice(SERVER.length) : endpoint.path;
    // The paths of the others begin at the root of the site.
    const item = (paths[path] ??= isBeside ? {} : { servers: [{ url: '/' }] });
    item[endpoint.method] = signedInOperationOf(endpoint);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Scrip',
      version: '1',
      description:
        'Prepaid credits: debits, holds and what became of them. Amounts and quantities are decimal strings, times RFC 3339. Errors are problems by RFC 9457 with a code that does not change.',
    },
    servers: [{ url: SERVER }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of the API.' },
        session: {
          ...{ type: 'apiKey', in: 'cookie', name: 'sid' },
          description: 'Somebody who is signed in; over https the cookie is __Host-sid.',
        },
      },
      schemas: { Problem: schemaOf(Problem, 'output') },
      responses: Object.fromEntries(
        [...REFUSED_ALWAYS, ...COMMAND_REFUSED]
          .sort()
          .map((status) => [status, problemFor(status)]),
      ),
    },
  };
}

/** What every refusal says. Some say more: what is missing, which limit, which fields are wrong. */
const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'What it is, for programs; it does not change.' }),
  detail: z.string().meta({ description: 'What it is, in a sentence.' }),
  request_id: z.string(),
  errors: z
    .array(z.strictObject({ field: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'Each field that is wrong or unknown.' }),
});

function operationOf(endpoint: Endpoint): Record<string, unknown> {
  const { id, method, scope, summary, request, example } = endpoint;
  const refused = method === 'GET' ? REFUSED_ALWAYS : [...REFUSED_ALWAYS, ...COMMAND_REFUSED];
  return {
    operationId: id,
    summary,
    description: `Needs a key with the scope \`${scope}\`.`,
    parameters: [
      ...pathParameters(endpoint),
      ...headerParameters(endpoint),
      ...(method === 'GET' ? queryParameters(endpoint) : []),
    ],
    ...(method === 'POST' && {
      requestBody: {
        content: { 'application/json': { schema: schemaOf(request, 'input'), example } },
      },
    }),
    responses: {
      ...answersOf(endpoint),
      ...Object.fromEntries(
        refused.sort().map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  };
}

/** What people who are signed in ask by their session, and the keys of their workspaces. */
function signedInOperationOf(endpoint: SignedInEndpoint): Record<string, unknown> {
  const { id, method, scope, summary, request, example, status, response } = endpoint;
  const refused = method === 'get' ? REFUSED_ALWAYS : [...REFUSED_ALWAYS, ...COMMAND_REFUSED];
  const content = { 'application/json': { schema: schemaOf(response, 'output') } };
  return {
    operationId: id,
    summary,
    description:
      scope === undefined
        ? 'For somebody who is signed in.'
        : `For somebody who is signed in, or a key of the workspace with the scope \`${scope}\`.`,
    security: scope === undefined ? [{ session: [] }] : [{ session: [] }, { key: [] }],
    ...(method === 'get'
      ? { parameters: queryParameters(endpoint) }
      : {
          requestBody: {
            content: { 'application/json': { schema: schemaOf(request, 'input'), example } },
          },
        }),
    responses: {
      [status]: { description: 'Done.', content },
      ...Object.fromEntries(
        refused.sort().map((code) => [code, { $ref: `#/components/responses/${code}` }]),
      ),
    },
  };
}

function answersOf({ status, response, many, idempotent }: Endpoint): Record<string, unknown> {
  const headers = {
    'X-Request-Id': { schema: { type: 'string' } },
    ...STANDING,
    ...(idempotent !== 'no' && {
      'Idempotent-Replayed': {
        description: 'It is the first answer to this key again.',
        schema: { type: 'string', const: 'true' },
      },
    }),
  };
  const answer = (schema: z.ZodType) => ({
    description: 'Done.',
    headers,
    content: { 'application/json': { schema: schemaOf(schema, 'output') } },
  });
  return { [status]: answer(response), ...(many !== undefined && { 200: answer(many) }) };
}

/** How a key stands, in each answer to one that is good. */
const STANDING = {
  'RateLimit-Policy': {
    description: 'How many requests (q) the key may make in so many seconds (w).',
    schema: { type: 'string', example: '"key";q=6000;w=60' },
  },
  RateLimit: {
    description: 'How many are left (r) for the next seconds (t).',
    schema: { type: 'string', example: '"key";r=5992;t=41' },
  },
};

function pathParameters({ path }: Endpoint): unknown[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: { type: 'string' },
  }));
}

function headerParameters({ idempotent }: Endpoint): unknown[] {
  if (idempotent === 'no') return [];
  const key = {
    ...{ name: 'Idempotency-Key', in: 'header', required: idempotent === 'required' },
    description: 'Names what is done once and for ever in its wallet.',
    schema: { type: 'string', pattern: '^[\\x20-\\x7e]{1,255}$' },
  };
  return [key];
}

function queryParameters({ request, example }: Pick<Endpoint, 'request' | 'example'>): unknown[] {
  const { properties = {}, required = [] } = schemaOf(request, 'input');
  const shown = z.record(z.string(), z.unknown()).parse(example);
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
    ...(name in shown && { example: shown[name] }),
  }));
}

/** The schema of what is sent (`input`) or answered (`output`). */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const made = z.toJSONSchema(schema, { io });
  delete made.$schema;
  return made;
}

function problemFor(status: string): unknown {
  return {
    description: MEANINGS[status],
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  };
}

/** What each status of a refusal means. */
export const MEANINGS: Readonly<Record<string, string>> = {
  400: 'It cannot be read: a field is wrong, unknown or missing.',
  401: 'There is no key, or it is not good any more.',
  402: 'There are too few credits, or a budget is used up.',
  403: 'The key lacks the scope, or the wallet is frozen.',
  404: 'There is no such thing, or it is not of this wallet.',
  409: 'It is settled already.',
  413: 'It is too large.',
  415: 'It is not JSON in UTF-8.',
  422: 'It cannot be done, or the idempotency key was used for something else.',
  429: 'Too many requests; Retry-After says when to ask again.',
  500: 'It failed on our side. Asking again with the same key is safe.',
  503: 'Not at the moment; Retry-After says when to ask again.',
};
