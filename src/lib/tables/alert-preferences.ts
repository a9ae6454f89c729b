// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface AlertPreference {
  workspace_id: string;
  person_id: string;
  kind: string;
  in_page: boolean;
  by_mail: boolean;
  updated_at: Generated<Timestamp>;
}
