// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { ColumnType } from 'kysely';
import type { Jsonb, Timestamp } from '../column-types.ts';

export interface Session {
  sid: string;
  sess: Jsonb;
  expire: Timestamp;
  person_id: ColumnType<string | null, never, never>;
}
