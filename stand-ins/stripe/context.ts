import type { DeliveryQueue } from './deliveries.ts';
import type { Faults } from './faults.ts';
import type { Store } from './store.ts';

/** What the parts of one running server share. */
export interface Context {
  /** Scheme, host and port at which this server answers, without a slash at the end. */
  readonly origin: string;
  readonly secretKey: string;
  readonly store: Store;
  readonly queue: DeliveryQueue;
  readonly faults: Faults;
}

export { nowSeconds } from './clock.ts';
