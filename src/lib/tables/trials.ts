// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Trial {
  subscription_id: string;
  workspace_id: string;
  person_id: string;
  card_fingerprint: string | null;
  state: Generated<'checking' | 'granted' | 'refused'>;
  next_try_at: Generated<Timestamp | null>;
  created_at: Generated<Timestamp>;
}
