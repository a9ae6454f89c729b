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
import { type Components, type Measured, isNothing, measuredOf } from './quantity.ts';
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
  let most: Measured;
  let reservation: Reservation;
  try {
    const components = valueFor(options.components, req);
    most = measuredOf(valueFor(options.quantity, req), components);
    const operation = valueFor(options.operation, req);
    const named = options.key === undefined ? req.get('Idempotency-Key') : options.key(req);
    reservation = await reserveOnce(named, (key) =>
      purse.reserve(req, { operation, ...most, ttl_seconds, key }),
    );
  } catch (error) {
    refuse(purse, error, { req, res, next });
    return;
  }
  const charge = new Charge(left.signal);
  const stop = keepOpen(purse, reservation, ttl_seconds);
  res.locals['charge'] = charge;
  if (!left.signal.aborted) next();
  const end = await ending;
  stop();
  await settle(purse, reservation, () => owed(options, res, end, charge.said, most));
}

type Given = string | number | bigint | Components | undefined;

function valueFor<Req, Value extends Given>(given: Value | ((req: Req) => Value), req: Req): Value {
  return typeof given === 'function' ? given(req) : given;
}

/** An answer of the app's own that fails is an error of Express like any other. */
function refuse<Req>(purse: Purse<Req>, error: unknown, { req, res, next }: Exchange<Req>): void {
  try {
    purse.refuse(error, req, res, next);
  } catch (fault) {
    next(fault);
  }
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
function owed<Req>(
  { client_leaves = 'release', is_success = isSuccess }: ChargeOptions<Req>,
  res: ChargedResponse,
  end: 'finished' | 'left',
  said: Measured | undefined,
  most: Measured,
): Measured | undefined {
  if (end === 'left') return client_leaves === 'capture' ? said : undefined;
  return is_success(res) ? (said ?? most) : undefined;
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
  owedIn: () => Measured | undefined,
): Promise<void> {
  const { hold_id } = reservation;
  let used: Measured | undefined;
  try {
    used = owedIn();
    if (used !== undefined && isNothing(used)) used = undefined;
    if (used === undefined) await reservation.release(`charge release ${hold_id}`);
    else await reservation.capture(used, `charge capture ${hold_id}`);
  } catch (error) {
    // A hold that has lapsed is what a release wants.
    if (used === undefined && codeOf(error) === 'hold_closed') return;
    const doing = used === undefined ? 'release' : 'capture';
    purse.on_fault(error, { doing, hold_id, ...(used !== undefined && { used }) });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
