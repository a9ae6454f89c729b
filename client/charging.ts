import {
  Charge,
  type ChargeOptions,
  type ChargedRequest,
  type ChargedResponse,
  type Charger,
  type Middleware,
  type Next,
  type Purse,
  type Reservation,
} from './charge.ts';
import { decimalOf, isNothing } from './quantity.ts';
import { reserveOnce } from './reserve-once.ts';

const TTL_SECONDS = 60;

/** The middleware over any purse. */
export function chargesOver<Req extends ChargedRequest>(purse: Purse<Req>): Charger<Req> {
  const serving = new Set<Promise<void>>();
  const charge = (options: ChargeOptions<Req>): Middleware<Req> => {
    return (req, res, next) => {
      const served = serve(purse, options, { req, res, next }).finally(() => {
        serving.delete(served);
      });
      serving.add(served);
    };
  };
  const idle = async (): Promise<void> => {
    while (serving.size > 0) await Promise.all(serving);
  };
  return Object.assign(charge, { idle });
}

interface Exchange<Req> {
  req: Req;
  res: ChargedResponse;
  next: Next;
}

async function serve<Req extends ChargedRequest>(
  purse: Purse<Req>,
  options: ChargeOptions<Req>,
  { req, res, next }: Exchange<Req>,
): Promise<void> {
  const { ttl_seconds = TTL_SECONDS } = options;
  const left = new AbortController();
  const ending = endOf(res).then((end) => {
    if (end === 'left') left.abort();
    return end;
  });
  let quantity: string;
  let reservation: Reservation;
  try {
    quantity = decimalOf(valueFor(options.quantity, req));
    const operation = valueFor(options.operation, req);
    const named = options.key === undefined ? req.get('Idempotency-Key') : options.key(req);
    reservation = await reserveOnce(named, (key) =>
      purse.reserve(req, { operation, quantity, ttl_seconds, key }),
    );
  } catch (error) {
    purse.refuse(error, req, res, next);
    return;
  }
  const charge = new Charge(left.signal);
  const stop = keepOpen(purse, reservation, ttl_seconds);
  res.locals['charge'] = charge;
  if (!left.signal.aborted) next();
  const end = await ending;
  stop();
  await settle(purse, reservation, quantityOwed(options, res, end, quantity, charge));
}

function valueFor<Req, Value extends string | number | bigint>(
  given: Value | ((req: Req) => Value),
  req: Req,
): Value {
  return typeof given === 'function' ? given(req) : given;
}

/** How a response ends: it was handed over in full, or its connection closed before. */
function endOf(res: ChargedResponse): Promise<'finished' | 'left'> {
  return new Promise((resolve) => {
    if (res.destroyed) resolve('left');
    res.once('finish', () => {
      resolve('finished');
    });
    res.once('close', () => {
      resolve('left');
    });
  });
}

/** What is to be charged in the end; undefined for nothing. */
function quantityOwed<Req>(
  { client_leaves = 'release', is_success = isSuccess }: ChargeOptions<Req>,
  res: ChargedResponse,
  end: 'finished' | 'left',
  held: string,
  { quantity_used }: Charge,
): string | undefined {
  if (end === 'left') return client_leaves === 'capture' ? quantity_used : undefined;
  return is_success(res) ? (quantity_used ?? held) : undefined;
}

function isSuccess({ statusCode }: ChargedResponse): boolean {
  return statusCode < 400;
}

/** Extends a hold each time that half of its time is over. Returns what ends that. */
function keepOpen<Req>(
  purse: Purse<Req>,
  reservation: Reservation,
  ttl_seconds: number,
): () => void {
  const { hold_id } = reservation;
  let times = 0;
  let isOver = false;
  const extendOnce = async (): Promise<void> => {
    times++;
    try {
      await reservation.extend(ttl_seconds, `charge extend ${times} ${hold_id}`);
    } catch (error) {
      // An extension that a capture overtook is no fault.
      if (!isOver) purse.on_fault(error, { doing: 'extend', hold_id });
    }
    if (!isOver) timer = wait();
  };
  const wait = () => setTimeout(() => void extendOnce(), ttl_seconds * 500);
  let timer = wait();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

async function settle<Req>(
  purse: Purse<Req>,
  reservation: Reservation,
  quantity: string | undefined,
): Promise<void> {
  const { hold_id } = reservation;
  const isOwed = quantity !== undefined && !isNothing(quantity);
  try {
    if (isOwed) await reservation.capture(quantity, `charge capture ${hold_id}`);
    else await reservation.release(`charge release ${hold_id}`);
  } catch (error) {
    // A hold that has lapsed is what a release wants.
    if (!isOwed && codeOf(error) === 'hold_closed') return;
    purse.on_fault(
      error,
      isOwed ? { doing: 'capture', hold_id, quantity } : { doing: 'release', hold_id },
    );
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
