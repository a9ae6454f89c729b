// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface BulkGrant {
  id: string;
  made_by: string;
  file_name: string;
  file_hash: string;
  reason: string | null;
  state: Generated<'checked' | 'running' | 'stopped' | 'done'>;
  row_count: number;
  total: bigint;
  created_at: Generated<Timestamp>;
  started_at: Timestamp | null;
  finished_at: Timestamp | null;
  started_by: string | null;
}
