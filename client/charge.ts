import { type Components, type Measured, type Quantity, measuredOf } from './quantity.ts';

/** What is used of a request of Express, so that its types are not needed here. */
export interface ChargedRequest {
  get(name: string): string | undefined;
}

/** What is used of a response of Express. */
export interface ChargedResponse {
  readonly statusCode: number;
  readonly destroyed: boolean;
  locals: Record<string, unknown>;
  once(event: 'finish' | 'close', listener: () => void): unknown;
  writeHead(status: number, headers: Record<string, string>): { end(text: string): unknown };
}

export type Next = (error?: unknown) => void;

export interface Order extends Measured {
  operation: string;
  ttl_seconds: number;
  key: string;
}

/** Credits that are set apart for one request. */
export interface Reservation {
  hold_id: string;
  open: boolean;
  /** Something of it was charged. */
  captured: boolean;
  /** It was made before, with the same key. */
  replayed: boolean;
  extend(ttl_seconds: number, key: string): Promise<unknown>;
  /** Charges what was used: where that is more than is held, as much of it as the wallet allows. */
  capture(used: Measured, key: string): Promise<unknown>;
  release(key: string): Promise<unknown>;
}

/** What could not be done while a request was served. What is not captured comes back by itself. */
export interface Fault {
  doing: 'extend' | 'capture' | 'release';
  hold_id: string;
  /** What was to be charged. */
  used?: Measured;
}

/** How a kind of purse reserves and refuses: over HTTP, or inside of Scrip. */
export interface Purse<Req> {
  reserve(req: Req, order: Order): Promise<Reservation>;
  /** Answers a request whose credits could not be reserved. */
  refuse(error: unknown, req: Req, res: ChargedResponse, next: Next): void;
  /** Is told what could not be done when the answer was on its way already. */
  on_fault(error: unknown, fault: Fault): void;
}

export interface ChargeOptions<Req> {
  /** The code of the operation. */
  operation: string | ((req: Req) => string);
  /**
   * The most that the work may come to: so much is held, and so much is charged unless the handler
   * says what was used.
   */
  quantity: Quantity | ((req: Req) => Quantity);
  /** The most of the components of the price that are measured by themselves, by their codes. */
  components?: Components | ((req: Req) => Components);
  /** When the hold lapses if this process dies; it is extended while the work lasts. 60 unless given. */
  ttl_seconds?: number;
  /**
   * When the client goes away before the end: `release` charges nothing, `capture` charges what the
   * handler said was used by then. `release` unless given.
   */
  client_leaves?: 'release' | 'capture';
  /** Names the request: asked again with the same key, it is not done again. Its Idempotency-Key unless given. */
  key?: (req: Req) => string | undefined;
  /** Whether an answer is charged: a status below 400 unless given. */
  is_success?: (res: ChargedResponse) => boolean;
}

export type Middleware<Req> = (req: Req, res: ChargedResponse, next: Next) => void;

export interface Charger<Req> {
  /** A middleware that charges a route: credits are held before the handler, and charged after it. */
  (options: ChargeOptions<Req>): Middleware<Req>;
  /** Resolves when nothing is held any more: wait for it after the server is closed. */
  idle(): Promise<void>;
}

/** What is charged for a request, as its handler sees it. */
export class Charge {
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  #used: Measured | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /**
   * Says what was used so far, in all; the last that is said counts. Nothing is charged for 0.
   * @throws TypeError when it is no quantity
   */
  used(quantity: Quantity, components?: Components): void {
    this.#used = measuredOf(quantity, components);
  }

  /** What was said last. */
  get said(): Measured | undefined {
    return this.#used;
  }
}

/**
 * What the request of this response is charged.
 * @throws Error where no `charge` stands before the handler
 */
export function chargeOf(res: Pick<ChargedResponse, 'locals'>): Charge {
  const { charge } = res.locals;
  if (charge instanceof Charge) return charge;
  throw new Error('No charge() stands before this handler.');
}
