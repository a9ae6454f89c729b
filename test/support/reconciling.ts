import { type Reconciled, reconcile } from '../../src/billing/reconciliation.ts';
import type { TestProgram } from './program.ts';
import { workingProvider } from './subscriptions.ts';

export type Done = Extract<Reconciled, { outcome: 'done' }>;

/** Reconciles with the stand-in, to the end. */
export async function reconciled(program: TestProgram, since?: Date): Promise<Done> {
  const provider = workingProvider(program);
  const run = await reconcile(program.database.connections, provider, { since });
  if (run.outcome === 'done') return run;
  throw run.outcome === 'failed' ? run.error : new Error('another run is under way');
}

/** What does not agree, on all days. */
export function differencesOf({ days }: Done) {
  return days.flatMap(({ differences }) => differences);
}
