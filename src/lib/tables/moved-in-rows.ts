// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface MovedInRow {
  id: string;
  workspace_id: string;
  system: string;
  form: string;
  ref: string;
  amount: bigint;
  kind: string;
  description: string;
  at: Timestamp | null;
  entry_seq: bigint | null;
  moved_in_at: Generated<Timestamp>;
}
