// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface ApiRateWindow {
  api_key_id: string;
  ends_at: Timestamp;
  taken: number;
  given: number;
}
