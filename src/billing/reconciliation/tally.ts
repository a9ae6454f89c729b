import { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import type { Finding } from '../reconciliation-runs.ts';
import { clashOf } from '../webhook.ts';

export type Work = EventWork | EventResult | undefined;

/** Takes objects of Stripe's in, one after the other, and counts what came of them. */
export class Tally {
  readonly connections: Connections;
  readonly context: EventContext;
  readonly #beat: () => Promise<void>;
  readonly #findings: Finding[] = [];
  #looked_at = 0;
  #changed = 0;

  /** @param beat says that the run is alive; throws when it is not this process's any more */
  constructor(connections: Connections, context: EventContext, beat: () => Promise<void>) {
    this.connections = connections;
    this.context = context;
    this.#beat = beat;
  }

  /** How many objects could not be taken in: the next run tries them again. */
  get failed(): number {
    return this.#findings.filter(({ state }) => state === 'failed').length;
  }

  result(): { looked_at: number; changed: number; findings: readonly Finding[] } {
    return { looked_at: this.#looked_at, changed: this.#changed, findings: this.#findings };
  }

  /** Does what an object asks for, in a transaction of its own. One that fails keeps no other out. */
  async takeIn(object: string, find: () => Promise<Work>): Promise<void> {
    await this.#beat();
    let work: Work;
    try {
      work = await find();
      if (work === undefined) return;
      this.#looked_at += 1;
      const result = 'state' in work ? work : await this.#carryOut(work);
      if (result.state === 'flagged') this.#find(object, work, result.note ?? '', 'flagged');
      else if (result.state === 'done' && result.note === undefined) this.#changed += 1;
    } catch (error) {
      const clash = clashOf(error);
      if (clash !== undefined) this.#find(object, work, clash, 'flagged');
      else this.#find(object, work, reasonOf(error), 'failed');
    }
  }

  #carryOut(work: EventWork): Promise<EventResult> {
    return inWorkspace(this.connections.app, work.workspace_id, (trx) => work.run(trx));
  }

  #find(object: string, work: Work, note: string, state: Finding['state']): void {
    const about = work === undefined || 'state' in work ? undefined : work.payment_id;
    this.#findings.push({ object, payment_id: about ?? null, note, state });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return `not as Stripe documents it: ${z.prettifyError(error)}`;
  return error instanceof Error ? error.message : String(error);
}
