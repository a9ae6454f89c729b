import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The time of one server, which the control API moves forward. Objects are dated by it; webhooks,
 * their signatures and retries, and the life of a checkout keep to real time.
 */
export interface Clock {
  /** How far ahead of real time this server is. */
  offset_seconds: number;
  /** While what is due is worked off: the moment at which it was due. */
  standing_at: number | null;
}

const current = new AsyncLocalStorage<Clock>();

/** Runs `work`, and what follows from it, by the time of one server: there may be several. */
export function byClock<T>(clock: Clock, work: () => T): T {
  return current.run(clock, work);
}

/** Unix time in seconds of the server whose work this is, as Stripe's objects have it. */
export function nowSeconds(): number {
  const clock = current.getStore();
  return clock?.standing_at ?? realSeconds() + (clock?.offset_seconds ?? 0);
}

/** Unix time in seconds as it is. */
export function realSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
