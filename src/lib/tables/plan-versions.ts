// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface PlanVersion {
  plan_id: string;
  version: number;
  valid_from: Timestamp;
  name: string;
  credits: bigint | null;
  unlimited: boolean;
  rollover_cap: bigint | null;
  trial_days: number;
  grace_days: number;
  limits: Jsonb;
  position: number;
  active: boolean;
  made_by: string;
  created_at: Generated<Timestamp>;
}
