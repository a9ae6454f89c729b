import {
  type ChargedRequest,
  type ChargedResponse,
  type Charger,
  type Fault,
  type Next,
  type Order,
  type Reservation,
} from './charge.ts';
import { chargesOver } from './charging.ts';
import { ScripError } from './problems.ts';
import { mayPass } from './retries.ts';
import type { Scrip } from './scrip.ts';

/** Who pays: `customer` with a key of the service, nobody with one of a workspace. */
export interface Whose {
  customer?: string | undefined;
  workspace?: string | undefined;
  /** Who of the workspace uses it. */
  on_behalf_of?: string | undefined;
}

export interface ChargesOptions<Req> {
  scrip: Scrip;
  whose: (req: Req) => Whose;
  /** Is told what could not be charged, extended or given back when the answer was on its way. */
  on_fault: (error: unknown, fault: Fault) => void;
  /** Answers when credits could not be reserved; problem+json unless given. */
  refuse?: (error: unknown, req: Req, res: ChargedResponse, next: Next) => void;
}

/** Charges the routes of an Express app over HTTP. Make one for an app, and use it before handlers. */
export function charges<Req extends ChargedRequest>(options: ChargesOptions<Req>): Charger<Req> {
  const { scrip, whose, on_fault, refuse = answerRefusal } = options;
  return chargesOver({
    reserve: (req: Req, order) => reserve(scrip, whose(req), order),
    refuse,
    on_fault,
  });
}

async function reserve(
  scrip: Scrip,
  { on_behalf_of, ...whose }: Whose,
  { key, ...order }: Order,
): Promise<Reservation> {
  const hold = await scrip.hold({ ...whose, on_behalf_of, ...order }, { idempotency_key: key });
  const { hold_id } = hold;
  // Nobody waits any more, and half of the hold's time is left at least.
  const unhurried = (idempotency_key: string) => ({
    idempotency_key,
    retry_milliseconds: order.ttl_seconds * 1_000,
  });
  return {
    ...{ hold_id, open: hold.open, replayed: hold.replayed },
    captured: hold.captured !== '0',
    extend: (ttl_seconds, extend_key) =>
      scrip.extend(hold_id, { ...whose, ttl_seconds }, { idempotency_key: extend_key }),
    capture: (used, capture_key) =>
      scrip.capture(hold_id, { ...whose, ...used, allow_partial: true }, unhurried(capture_key)),
    release: (release_key) => scrip.release(hold_id, whose, unhurried(release_key)),
  };
}

/** What concerns whoever sent the request; all else is between the product and Scrip. */
const FOR_THE_USER = new Set([
  'insufficient_credits',
  'budget_reached',
  'wallet_frozen',
  'amount_too_large',
  'idempotency_key_reused',
  'idempotency_key_invalid',
  'request_in_progress',
  'already_charged',
  'failed_too_often',
]);

const RETRY_AFTER_SECONDS = 5;

function answerRefusal(error: unknown, _req: unknown, res: ChargedResponse, next: Next): void {
  if (!(error instanceof ScripError)) {
    next(error);
    return;
  }
  const { status, code, message: detail, details, retry_after_seconds } = error;
  if (FOR_THE_USER.has(code)) {
    sendProblem(res, { ...details, status, code, detail }, retry_after_seconds);
  } else if (mayPass(status)) {
    const busy = 'Credits cannot be charged at the moment. Nothing was charged; ask again.';
    const problem = { type: 'about:blank', status: 503, code: 'credits_unavailable', detail: busy };
    sendProblem(res, problem, retry_after_seconds ?? RETRY_AFTER_SECONDS);
  } else {
    // Without its status: a key of ours that is refused is no 401 for the user.
    next(new Error(`Scrip refused to hold credits: ${code}`, { cause: error }));
  }
}

function sendProblem(
  res: ChargedResponse,
  problem: { status: number; [member: string]: unknown },
  retry_after_seconds: number | undefined,
): void {
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  };
  if (retry_after_seconds !== undefined) {
    headers['Retry-After'] = String(Math.ceil(retry_after_seconds));
  }
  res.writeHead(problem.status, headers).end(JSON.stringify(problem));
}
