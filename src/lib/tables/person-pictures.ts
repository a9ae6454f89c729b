// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PersonPicture {
  id: string;
  person_id: string;
  image: Buffer;
  created_at: Generated<Timestamp>;
}
