import { AppError, notFound } from '../lib/errors.ts';
import type { Scope } from '../workspaces/api-keys.ts';
import { postDebits } from './debits.ts';
import { type Endpoint, ONE_BYTES_MAX } from './endpoint.ts';
import { captureHold, extendHold, postHold, releaseHold } from './holds.ts';
import { postRefund } from './refunds.ts';

const MANY_BYTES_MAX = 2_000_000;

/** Every endpoint of the API for products. */
const ENDPOINTS: readonly Endpoint[] = [
  post('/debits', 'debits:write', postDebits, MANY_BYTES_MAX),
  post('/holds', 'holds:write', postHold),
  post('/holds/:hold_id/extend', 'holds:write', extendHold),
  post('/holds/:hold_id/capture', 'holds:write', captureHold),
  post('/holds/:hold_id/release', 'holds:write', releaseHold),
  post('/refunds', 'refunds:write', postRefund),
];

function post(
  path: string,
  scope: Scope,
  handle: Endpoint['handle'],
  bytes_max = ONE_BYTES_MAX,
): Endpoint {
  return { method: 'POST', path, scope, handle, bytes_max };
}

const FIXED = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));
const WITH_PARAMETER = ENDPOINTS.filter(({ path }) => path.includes(':')).map((endpoint) => ({
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replace(/:\w+/, '([^/]+)')}$`),
}));

/** @throws AppError 404, or 405 where the path is right and the method is not */
export function endpointFor(
  method: string | undefined,
  path: string,
): { endpoint: Endpoint; parameter: string } {
  const found = findByPath(path);
  if (found === undefined) throw notFound('endpoint');
  const allow = found.endpoint.method;
  if (allow !== method) {
    throw new AppError(405, 'method_not_allowed', `Send ${allow} here.`, { allow });
  }
  return found;
}

function findByPath(path: string): { endpoint: Endpoint; parameter: string } | undefined {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return { endpoint: fixed, parameter: '' };
  for (const { endpoint, pattern } of WITH_PARAMETER) {
    const parameter = pattern.exec(path)?.[1];
    if (parameter !== undefined) return { endpoint, parameter };
  }
  return undefined;
}
