import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { decimalCredits } from '../../core/credits.ts';
import type { ReadCatalogue } from '../../lib/catalogue-versions.ts';
import type { Origin } from '../../lib/audit.ts';
import type { Closing } from '../../people/deletion.ts';
import type { Scope } from '../../workspaces/api-keys.ts';
import type { Answer } from '../answers.ts';
import type { Services } from '../endpoint.ts';
import { parse, textField } from '../fields.ts';
import type { Asker } from './asker.ts';

/** A request that was read, and who sends it. */
export interface SignedInCall<Request> {
  asker: Asker;
  request: Request;
  headers: IncomingHttpHeaders;
  origin: Origin;
}

interface Described<Request extends z.ZodType = z.ZodType> {
  id: string;
  method: 'get' | 'post' | 'put' | 'delete';
  /** From the root of the site. */
  path: `/api/${string}`;
  /** What the key of a workspace needs; undefined: only people who are signed in. */
  scope: Scope | undefined;
  summary: string;
  /** The body; of a GET the query, which may name the workspace besides. */
  request: Request;
  example: z.input<Request>;
  status: 200 | 201;
  /** Only for who showed within some minutes that it is them. */
  needs_recent_sign_in?: true;
  response: z.ZodType;
}

/** An endpoint for people who are signed in, and for the keys of their workspaces. */
export interface SignedInEndpoint extends Described {
  handle: (services: SignedInServices, call: SignedInCall<unknown>) => Promise<Answer>;
}

/** What they work with. */
export interface SignedInServices extends Services {
  /** Where browsers reach this program, without a path. */
  baseUrl: string;
  catalogue: ReadCatalogue;
  closing: Closing;
}

export function signedInEndpoint<Request extends z.ZodType>(
  described: Described<Request> & {
    handle: (services: SignedInServices, call: SignedInCall<z.output<Request>>) => Promise<Answer>;
  },
): SignedInEndpoint {
  const { handle, ...rest } = described;
  return {
    ...rest,
    handle: (services, call) =>
      handle(services, { ...call, request: parse(described.request, call.request) }),
  };
}

/** Which of a person's workspaces, where it is not the one that they used last. */
export const workspaceField = {
  workspace: textField(100)
    .optional()
    .meta({ description: 'The slug of a workspace of the person who is signed in.' }),
};

/** Credits as a JSON number, for those who count in floating point. */
export function numberOf(micro: bigint): number {
  return Number(decimalCredits(micro));
}
