import { Socket } from 'node:net';

/**
 * A connection whose writes of one turn of the event loop leave together. The driver hands over each
 * statement by itself, between `cork` and `uncork`: a batch of eight would be eight system calls,
 * each of which may wake the other side.
 */
export class GatheringSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => {
      super.uncork();
    });
  }
}
