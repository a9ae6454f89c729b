// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Mail {
  id: string;
  key: string;
  workspace_id: string | null;
  person_id: string | null;
  kind: string;
  to_address: string;
  subject: string;
  text: string | null;
  state: Generated<'waiting' | 'failed' | 'sent' | 'given_up'>;
  tries: Generated<number>;
  next_try_at: Generated<Timestamp | null>;
  sent_at: Timestamp | null;
  error: string | null;
  created_at: Generated<Timestamp>;
  unsubscribe_path: string | null;
  is_secret: Generated<boolean>;
}
