import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Ledger } from '../ledger/ledger.ts';
import type { Connections } from '../lib/database.ts';
import { problemOf, refusalOf } from '../lib/error-answers.ts';
import type { AppError } from '../lib/errors.ts';
import { requestIdOf } from '../lib/ids.ts';
import type { Logger } from '../lib/log.ts';
import type { Meters } from '../lib/meters.ts';
import { CurrentPrices } from '../pricing/current-prices.ts';
import type { ApiKeyUses } from '../workspaces/api-key-uses.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import { ApiRateLimits, type RateLimits } from '../workspaces/api-rate-limits.ts';
import type { CustomerLinks } from '../workspaces/customer-links.ts';
import type { Answer } from './answers.ts';
import { readBody } from './body.ts';
import { Callers } from './caller.ts';
import { ONE_BYTES_MAX, type Services } from './endpoint.ts';
import { ENDPOINTS, endpointFor } from './endpoints.ts';
import { openApiOf } from './openapi.ts';
import { SIGNED_IN_ENDPOINTS } from './signed-in/endpoints.ts';
import { isForSignedIn } from './signed-in-routes.ts';
import { TopUp } from './top-up.ts';

export interface ApiOptions {
  connections: Connections;
  ledger: Ledger;
  log: Logger;
  /** The currency of the customers that are made on first use. */
  currency: string;
  rateLimits: RateLimits;
  keyUses: ApiKeyUses;
  meters: Meters;
  baseUrl: string;
  links: CustomerLinks;
  /** Whether anybody can pay here. */
  buyingIsOn: boolean;
}

const PREFIX = '/api/v1';
/** Open to everybody: what the API is like is no secret. */
const OPEN_API = openApiOf(ENDPOINTS, SIGNED_IN_ENDPOINTS);

export function isForApi(url = ''): boolean {
  return url.startsWith(`${PREFIX}/`) && !isForSignedIn(url);
}

/** What the endpoints work with, those for products and those for people who are signed in. */
export function servicesOf(options: ApiOptions): Services {
  const { connections, ledger, log, currency, rateLimits, keyUses } = options;
  return {
    connections,
    ledger,
    callers: new Callers(connections, currency),
    limits: new ApiRateLimits(connections.app, rateLimits),
    keyUses,
    prices: new CurrentPrices(connections.staff),
    links: options.links,
    topUp: new TopUp({ ...options, db: connections.staff }),
    currency,
    onFault: (error, request_id) => {
      const { status, code } = refusalOf(error);
      if (status >= 500) log.error({ err: error, request_id, code }, 'request failed');
    },
  };
}

/**
 * The API for products. It answers on Node's own requests: products ask thousands of times a second,
 * and what the pages need (sessions, compression, views) is not for them.
 */
export function createApi(
  services: Services,
  { log, meters }: Pick<ApiOptions, 'log' | 'meters'>,
): RequestListener {
  const lines = log.child({}, { redact: [] });
  return (req, res) => {
    const started = performance.now();
    const id = requestIdOf(req.headers['x-request-id']);
    const asked: Asked = { id, key: undefined, route: 'none' };
    res.once('close', () => {
      const line = {
        req: { id, method: req.method, path: pathOf(req) },
        res: { status: res.statusCode },
        responseTime: Math.round(performance.now() - started),
      };
      if (res.writableFinished) {
        meters.answered(req.method, asked.route, res.statusCode, started);
      }
      if (!res.writableFinished) lines.info(line, 'request aborted');
      else if (res.statusCode >= 500) lines.warn(line, 'request completed');
      else lines.info(line, 'request completed');
    });
    answerTo(services, req, asked).then(
      (answer) => {
        send(res, headersOf(services, asked), answer);
      },
      (error: unknown) => {
        services.onFault(error, id);
        sendRefusal(res, headersOf(services, asked), id, refusalOf(error));
      },
    );
  };
}

/** A request while it is answered. */
interface Asked {
  id: string;
  /** Undefined until it is known, and known to be good. */
  key: ApiKey | undefined;
  /** The pattern of its path, once that is known. */
  route: string;
}

async function answerTo(services: Services, req: IncomingMessage, asked: Asked): Promise<Answer> {
  const path = pathOf(req).slice(PREFIX.length);
  if (path === '/openapi.json' && req.method === 'GET') return { status: 200, body: OPEN_API };
  const { endpoint, parameter } = endpointFor(req.method, path);
  asked.route = PREFIX + endpoint.path;
  const known = services.callers.keyOf(req.headers.authorization, endpoint.scope);
  const key = known instanceof Promise ? await known : known;
  asked.key = key;
  services.keyUses.note(key.id);
  const counting = services.limits.take(key);
  if (counting !== undefined) await counting;
  const read = await readBody(req, endpoint.bytes_max ?? ONE_BYTES_MAX);
  const query = queryIn(req);
  const call = { key, headers: req.headers, parameter, query, ...read, request_id: asked.id };
  return endpoint.handle(services, call);
}

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function queryIn({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? '' : url.slice(query + 1);
}

function send(res: ServerResponse, headers: string[], { status, body, replayed }: Answer): void {
  const text = JSON.stringify(body);
  headers.push('Content-Type', 'application/json', 'Content-Length', lengthOf(text));
  if (replayed === true) headers.push('Idempotent-Replayed', 'true');
  res.writeHead(status, headers).end(text);
}

function sendRefusal(res: ServerResponse, headers: string[], id: string, refusal: AppError): void {
  const text = JSON.stringify({ ...problemOf(refusal), request_id: id });
  headers.push('Content-Type', 'application/problem+json', 'Content-Length', lengthOf(text));
  const { retry_after_seconds, allow } = refusal.details;
  if (typeof retry_after_seconds === 'number')
    headers.push('Retry-After', `${retry_after_seconds}`);
  if (typeof allow === 'string') headers.push('Allow', allow);
  if (refusal.status === 401) headers.push('WWW-Authenticate', 'Bearer');
  res.writeHead(refusal.status, headers).end(text);
}

/** What every answer has, and how its key stands where it has one. */
function headersOf({ limits }: Services, { id, key }: Asked): string[] {
  return [
    ...['X-Request-Id', id, 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'],
    ...(key === undefined ? [] : limits.headersOf(key)),
  ];
}

function lengthOf(text: string): string {
  return String(Buffer.byteLength(text));
}
