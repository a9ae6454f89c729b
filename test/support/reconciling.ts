import { type Reconciled, reconcile } from '../../src/billing/reconciliation.ts';
import type { TestProgram } from './program.ts';

export type Done = Extract<Reconciled, { outcome: 'done' }>;

/** Reconciles with the stand-in, to the end. */
export async function reconciled({ database, provider }: TestProgram, since?: Date): Promise<Done> {
  if (provider.mode === 'off') throw new Error('this program sells nothing');
  const run = await reconcile(database.connections, provider, { since });
  if (run.outcome === 'done') return run;
  throw run.outcome === 'failed' ? run.error : new Error('another run is under way');
}
