// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface AlertSetting {
  workspace_id: string;
  low_percent: number | null;
  critical_percent: number | null;
  mark_micro: bigint | null;
  run_out_days: number | null;
  expiry_days: number[];
  spikes: boolean;
  applied: Generated<boolean>;
  updated_by: string | null;
  updated_at: Generated<Timestamp>;
}
