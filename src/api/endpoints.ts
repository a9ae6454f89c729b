import { AppError, notFound } from '../lib/errors.ts';
import { getBalance } from './balance.ts';
import { postCorrection } from './corrections.ts';
import { getCustomer, listCustomers, postCustomer, postLink } from './customers.ts';
import { postDebits } from './debits.ts';
import type { Endpoint } from './endpoint.ts';
import { getEntries, getEntry } from './entries.ts';
import { captureHold, extendHold, postHold, releaseHold } from './holds.ts';
import { getLot, getLots } from './lots.ts';
import { getHold, getHolds } from './open-holds.ts';
import { postGrant } from './grants.ts';
import { getOperation, getOperations } from './operations.ts';
import { postQuote } from './quotes.ts';
import { postRefund } from './refunds.ts';
import { getStatement } from './statement.ts';
import { getUsage } from './usage-report.ts';

/** Every endpoint of the API for products, in the order in which they are described. */
export const ENDPOINTS: readonly Endpoint[] = [
  postDebits,
  postHold,
  extendHold,
  captureHold,
  releaseHold,
  getHolds,
  getHold,
  postRefund,
  postCorrection,
  getBalance,
  getEntries,
  getEntry,
  getLots,
  getLot,
  getStatement,
  getUsage,
  postGrant,
  postCustomer,
  listCustomers,
  getCustomer,
  postLink,
  getOperations,
  getOperation,
  postQuote,
];

const BY_PATH = Map.groupBy(ENDPOINTS, ({ path }): string => path);
const FIXED = new Map([...BY_PATH].filter(([path]) => !path.includes(':')));
const WITH_PARAMETER = [...BY_PATH]
  .filter(([path]) => path.includes(':'))
  .map(([path, endpoints]) => ({
    endpoints,
    pattern: new RegExp(`^${path.replace(/:\w+/, '([^/]+)')}$`),
  }));

/** @throws AppError 404, or 405 where the path is right and the method is not */
export function endpointFor(
  method: string | undefined,
  path: string,
): { endpoint: Endpoint; parameter: string } {
  const found = findByPath(path);
  if (found === undefined) throw notFound('endpoint');
  const endpoint = found.endpoints.find((one) => one.method === method);
  if (endpoint !== undefined) return { endpoint, parameter: found.parameter };
  const allow = found.endpoints.map((one) => one.method).join(', ');
  throw new AppError(405, 'method_not_allowed', `Send ${allow} here.`, { allow });
}

function findByPath(path: string): { endpoints: Endpoint[]; parameter: string } | undefined {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return { endpoints: fixed, parameter: '' };
  for (const { endpoints, pattern } of WITH_PARAMETER) {
    const parameter = pattern.exec(path)?.[1];
    if (parameter !== undefined) return { endpoints, parameter: decoded(parameter) };
  }
  return undefined;
}

/** @throws AppError 404 for what no path means */
function decoded(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    throw notFound('endpoint');
  }
}
