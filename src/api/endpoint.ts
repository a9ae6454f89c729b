import type { IncomingHttpHeaders } from 'node:http';
import type { Ledger } from '../ledger/ledger.ts';
import type { Connections } from '../lib/database.ts';
import type { CurrentPrices } from '../pricing/current-prices.ts';
import type { ApiKey, Scope } from '../workspaces/api-keys.ts';
import type { Answer } from './answers.ts';
import type { Callers } from './caller.ts';

/** What the endpoints work with. */
export interface Services {
  connections: Connections;
  ledger: Ledger;
  callers: Callers;
  prices: CurrentPrices;
  /** Writes down what broke; a refusal is none. */
  onFault: (error: unknown, request_id: string) => void;
}

/** One request whose key is good and whose body is JSON. */
export interface Call {
  key: ApiKey;
  headers: IncomingHttpHeaders;
  /** What stands in the path where the endpoint has a name: `:hold_id`. */
  parameter: string;
  body: unknown;
  bytes: number;
  request_id: string;
}

/** How large a request for one command may be. */
export const ONE_BYTES_MAX = 100_000;

export interface Endpoint {
  method: 'POST';
  path: string;
  scope: Scope;
  bytes_max: number;
  handle: (services: Services, call: Call) => Promise<Answer>;
}
