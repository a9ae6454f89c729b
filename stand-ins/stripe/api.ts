import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { identify } from './authentication.ts';
import type { Context } from './context.ts';
import { StripeError } from './errors.ts';
import { checkExpansion, expandAnswer, type Expandable } from './expansion.ts';
import { commitFault, serverError } from './faults.ts';
import { canonicalForm, parseForm } from './form-encoding.ts';
import { keepAnswer, savedAnswer, type KeyedRequest } from './idempotency.ts';
import { newId } from './identifiers.ts';
import { parseParameters } from './parameters.ts';
import { API_VERSION } from './state.ts';

/** What the work of an endpoint gets beside its parameters. */
export interface Call {
  /** The id in the path, or an empty string. */
  id: string;
  request: { id: string; idempotency_key: string | null };
}

export interface Endpoint {
  method: 'delete' | 'get' | 'post';
  /** Below `/v1`, in Express's form. */
  path: string;
  /** Reads the parameters and does the work; the caller saves the store, but for a GET. */
  answer(context: Context, input: unknown, call: Call): object;
}

/**
 * An endpoint whose parameters are read by `schema`; what it answers, a `kind` of object or a list
 * of them, is expanded as `expand` asks.
 */
export function endpoint<S extends z.ZodType<{ expand?: string[] | undefined }>>(
  method: Endpoint['method'],
  path: string,
  kind: Expandable,
  schema: S,
  work: (context: Context, parameters: z.output<S>, call: Call) => object,
): Endpoint {
  return {
    method,
    path,
    answer: (context, input, call) => {
      const parameters = parseParameters(schema, input);
      checkExpansion(kind, parameters.expand);
      return expandAnswer(context, work(context, parameters, call), parameters.expand);
    },
  };
}

/** Stripe's `/v1`: keys, versions, idempotency and errors around the endpoints given. */
export function apiRouter(context: Context, endpoints: readonly Endpoint[]): Router {
  const router = Router();
  router.use(async (request, response, next) => {
    const id = newId('req');
    response.locals['request_id'] = id;
    response.set({ 'Request-Id': id, 'Stripe-Version': API_VERSION, 'Cache-Control': 'no-store' });
    identify(context, request);
    const fault = context.faults.take();
    response.locals['lose_answer'] = fault?.kind === 'lost_answer';
    response.locals['break'] = fault?.kind === 'server_error';
    if (!(await commitFault(fault, response))) next();
  });
  for (const one of endpoints) {
    router[one.method](one.path, (request, response) => serve(context, one, request, response));
  }
  router.use((request) => {
    const at = `${request.method}: ${request.originalUrl.split('?')[0] ?? ''}`;
    throw new StripeError({ status: 404, message: `Unrecognized request URL (${at}).` });
  });
  return router;
}

function serve(context: Context, one: Endpoint, request: Request, response: Response): void {
  const form = one.method === 'post' ? bodyOf(request) : queryOf(request);
  const keyed = keyedRequest(one, request, form);
  if (keyed !== undefined) response.set('Idempotency-Key', keyed.key);
  const saved = keyed && savedAnswer(context, keyed);
  if (saved !== undefined) {
    response.set({ 'Idempotent-Replayed': 'true', 'Original-Request': saved.request_id });
    send(response, saved.status, saved.body);
    return;
  }
  const request_id = String(response.locals['request_id']);
  const { status, body } = answerOf(context, one, parseForm(form), {
    id: String(request.params['id'] ?? ''),
    request: { id: request_id, idempotency_key: keyed?.key ?? null },
    breaks: response.locals['break'] === true,
  });
  if (keyed !== undefined) keepAnswer(context, keyed, { request_id, status, body });
  if (one.method !== 'get') context.store.save();
  send(response, status, body);
}

/** The answer, also when the work refuses; what the validation refuses is thrown on, not kept. */
function answerOf(
  context: Context,
  one: Endpoint,
  input: unknown,
  { breaks, ...call }: Call & { breaks: boolean },
): { status: number; body: string } {
  try {
    if (breaks) throw serverError();
    return { status: 200, body: JSON.stringify(one.answer(context, input, call), null, 2) };
  } catch (error) {
    if (!(error instanceof StripeError) || error.validation) throw error;
    return { status: error.status, body: JSON.stringify(error.body(), null, 2) };
  }
}

function send(response: Response, status: number, body: string): void {
  if (response.locals['lose_answer'] === true) response.socket?.destroy();
  else response.status(status).type('json').send(body);
}

function keyedRequest(one: Endpoint, request: Request, form: string): KeyedRequest | undefined {
  const key = request.get('idempotency-key');
  if (one.method === 'get' || key === undefined || key === '') return undefined;
  return { key, path: request.baseUrl + request.path, parameters: canonicalForm(form) };
}

function queryOf(request: Request): string {
  const at = request.url.indexOf('?');
  return at < 0 ? '' : request.url.slice(at + 1);
}

function bodyOf(request: Request): string {
  const body = z.string().safeParse(request.body);
  if (body.success) return body.data;
  if (request.get('content-length') === '0' || request.get('content-type') === undefined) return '';
  throw new StripeError(
    {
      status: 400,
      message:
        'Invalid request: parameters are sent as application/x-www-form-urlencoded. Check the Content-Type header.',
    },
    true,
  );
}
