import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** A new id: UUID version 7, so that rows made one after the other stand near each other. */
export function newId(): string {
  return v7();
}

const PROCESS_MARK = randomBytes(6).toString('hex');
let requests = 0;

/**
 * The id of a request: what the caller brought when it is one, so that it can be followed across
 * programs, else one of ours, by counting, which costs least.
 */
export function requestIdOf(brought: string | string[] | undefined): string {
  if (typeof brought === 'string' && /^[\w.-]{8,64}$/.test(brought)) return brought;
  requests += 1;
  return `req_${PROCESS_MARK}${requests.toString(36)}`;
}
