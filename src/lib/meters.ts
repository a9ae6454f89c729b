import type { RequestHandler } from 'express';
import { Histogram } from './metrics.ts';

/** What a process counts while it works. */
export class Meters {
  readonly requests = new Histogram(
    'scrip_http_request_seconds',
    'Requests by method, route and status, from their head to the end of their answer',
    [0.005, 0.025, 0.1, 0.5, 2.5, 10],
  );
  readonly batches = new Histogram(
    'scrip_ledger_batch_commands',
    'Commands that shared a transaction of the ledger',
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  );
  readonly stripeEvents = new Histogram(
    'scrip_stripe_event_lag_seconds',
    'From when Stripe made an event to when it was taken in',
    [1, 5, 30, 120, 600, 3_600, 86_400],
  );

  /** @param route a pattern out of the code, so that there are few: never a path */
  answered(method: string | undefined, route: string, status: number, started: number): void {
    const labels = {
      method: METHODS.has(method ?? '') ? (method ?? '') : 'other',
      route,
      status: `${Math.floor(status / 100)}xx`,
    };
    this.requests.observe((performance.now() - started) / 1_000, labels);
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Where routers are mounted: what a route says of itself stands below. */
const MOUNTS = /^\/(?:(w|c)\/[^/?]+|(c|admin|workspaces|invitations|outbox|account)(?=[/?]|$))/;

/** Counts every request by the pattern of the route that answered it. */
export function requestMeter(meters: Meters): RequestHandler {
  return (req, res, next) => {
    const started = performance.now();
    res.once('close', () => {
      const route = routeOf(req);
      // A stream is over when the page is.
      if (!res.writableFinished || route.endsWith('/live')) return;
      meters.answered(req.method, route, res.statusCode, started);
    });
    next();
  };
}

/**
 * Express forgets under which mounts a route was found once an error is answered, so the mount is read
 * from the address, where all that is not a fixed word is left out.
 */
function routeOf(req: Parameters<RequestHandler>[0]): string {
  const route: unknown = req.route;
  const path =
    typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  if (typeof path !== 'string') return req.originalUrl.startsWith('/assets/') ? '/assets' : 'none';
  const [, wallet, fixed] = MOUNTS.exec(req.originalUrl) ?? [];
  if (wallet !== undefined) return `/${wallet}/:slug${path}`;
  return fixed === undefined || path.startsWith(`/${fixed}`) ? path : `/${fixed}${path}`;
}
