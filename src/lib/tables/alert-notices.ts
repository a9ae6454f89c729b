// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface AlertNotice {
  alert_id: string;
  person_id: string;
  workspace_id: string;
  read_at: Timestamp | null;
}
