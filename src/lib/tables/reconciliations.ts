// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface Reconciliation {
  id: string;
  provider: 'stripe' | 'simulated';
  livemode: boolean;
  state: 'asked' | 'running' | 'done' | 'failed';
  asked_by: string | null;
  since: Timestamp | null;
  started_at: Timestamp | null;
  heard_at: Timestamp | null;
  finished_at: Timestamp | null;
  looked_at: Generated<number>;
  changed: Generated<number>;
  findings: Generated<Jsonb>;
  agrees: boolean | null;
  failure: string | null;
  created_at: Generated<Timestamp>;
}
