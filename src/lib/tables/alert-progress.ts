// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface AlertProgres {
  task: 'expiring' | 'usage';
  done_until: Timestamp | null;
}
