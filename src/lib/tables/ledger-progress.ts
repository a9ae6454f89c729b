// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface LedgerTaskProgress {
  task: 'verify' | 'rollups' | 'retention' | 'expiring';
  done_until: Timestamp | null;
}
