import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Common } from '../core/commands.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Connections } from '../lib/database.ts';
import type { CurrentPrices } from '../pricing/current-prices.ts';
import type { ApiKeyUses } from '../workspaces/api-key-uses.ts';
import type { ApiKey, Scope } from '../workspaces/api-keys.ts';
import type { ApiRateLimits } from '../workspaces/api-rate-limits.ts';
import type { CustomerLinks } from '../workspaces/customer-links.ts';
import type { Account } from '../workspaces/customers.ts';
import type { Answer } from './answers.ts';
import type { Callers, Whose } from './caller.ts';
import { parse } from './fields.ts';
import { inOwnTime } from './own-time.ts';
import { queryOf } from './query.ts';
import type { TopUp } from './top-up.ts';
import { type CommonFields, commonOf, keyOfCall } from './usage.ts';

/** What the endpoints work with. */
export interface Services {
  connections: Connections;
  ledger: Ledger;
  callers: Callers;
  limits: ApiRateLimits;
  keyUses: ApiKeyUses;
  prices: CurrentPrices;
  links: CustomerLinks;
  topUp: TopUp;
  /** The currency of the customers that are made on first use. */
  currency: string;
  /** Writes down what broke; a refusal is none. */
  onFault: (error: unknown, request_id: string) => void;
}

/** One request whose key is good and whose body is JSON. */
export interface Call {
  key: ApiKey;
  headers: IncomingHttpHeaders;
  /** What stands in the path where the endpoint has a name: `:hold_id`. */
  parameter: string;
  /** What follows the `?`, as it was sent. */
  query: string;
  body: unknown;
  bytes: number;
  request_id: string;
}

/** How large a request for one command may be. */
export const ONE_BYTES_MAX = 100_000;

/** An endpoint as it answers and as it is described. The path has one name at most. */
export interface Endpoint extends Described {
  method: 'GET' | 'POST';
  /** Whether the header Idempotency-Key is needed. */
  idempotent: 'required' | 'optional' | 'no';
  handle: (services: Services, call: Call) => Promise<Answer>;
}

interface Described<Request extends z.ZodType = z.ZodType> {
  /** What the call is named in the description, and in the client. */
  id: string;
  path: `/${string}`;
  scope: Scope;
  /** What it does, in a sentence. */
  summary: string;
  /** The body of a POST; the query of a GET. */
  request: Request;
  /** A request as the documentation shows it. */
  example: z.input<Request>;
  status: 200 | 201;
  response: z.ZodType;
  /** The answer to many in one request, with status 200. */
  many?: z.ZodType;
  bytes_max?: number;
}

/** A request that was read: what it asks, and of which wallet. */
export interface Read<Request> {
  request: Request;
  account: Account;
  parameter: string;
  key: ApiKey;
}

/** What changes a wallet: read are its idempotency key, then its body, then whose wallet it is about. */
export function command<Request extends z.ZodType<CommonFields>>(
  described: Described<Request> & {
    /** A customer that nobody has named before is made. */
    creates_customer?: true;
    handle: (
      services: Services,
      read: Read<z.output<Request>> & { common: Common },
    ) => Promise<Answer>;
  },
): Endpoint {
  const { creates_customer = false, handle, ...rest } = described;
  return {
    ...rest,
    method: 'POST',
    idempotent: 'required',
    handle: async (services, call) => {
      const key = keyOfCall(call);
      const request = parse(described.request, call.body);
      const account = await services.callers.accountOf(call.key, request, creates_customer);
      const read = {
        ...{ request, account, parameter: call.parameter, key: call.key },
        common: commonOf(call, request, account, key),
      };
      const ledger = inOwnTime(services.ledger, call.key, request.at);
      return services.topUp.toldOf(read, () => handle({ ...services, ledger }, read));
    },
  };
}

/** What reads of one wallet. */
export function reading<Request extends z.ZodType<Whose>>(
  described: Omit<Described<Request>, 'status'> & {
    handle: (services: Services, read: Read<z.output<Request>>) => Promise<Answer>;
  },
): Endpoint {
  const { handle, ...rest } = described;
  return {
    ...rest,
    status: 200,
    method: 'GET',
    idempotent: 'no',
    handle: async (services, call) => {
      const request = parse(described.request, queryOf(call.query));
      const account = await services.callers.accountOf(call.key, request, false);
      return handle(services, { request, account, parameter: call.parameter, key: call.key });
    },
  };
}

/** Anything else: its handler reads the call by itself, with the schema that is described. */
export function endpoint<Request extends z.ZodType>(
  described: Described<Request> & Pick<Endpoint, 'method' | 'idempotent' | 'handle'>,
): Endpoint {
  return described;
}
