// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface LedgerProof {
  id: string;
  scope: 'all' | 'changed' | 'wallet';
  started_at: Timestamp;
  finished_at: Generated<Timestamp>;
  violations: number;
}
