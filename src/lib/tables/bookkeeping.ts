// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Bookkeeping {
  singleton: Generated<boolean>;
  time_zone: string | null;
  done_until: Timestamp | null;
}
