// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Milestone {
  workspace_id: string;
  kind: 'step' | 'achievement' | 'completion';
  code: string;
  reward: bigint;
  reached_at: Generated<Timestamp>;
}
