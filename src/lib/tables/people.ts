// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Person {
  id: string;
  email: string;
  email_normalized: string;
  email_verified_at: Timestamp | null;
  name: string;
  password_hash: string | null;
  google_subject: string | null;
  staff_role: 'support' | 'finance' | 'admin' | 'super_admin' | null;
  time_zone: Generated<string>;
  locale: Generated<string>;
  deactivated_at: Timestamp | null;
  created_at: Generated<Timestamp>;
  updated_at: Generated<Timestamp>;
  picture_id: string | null;
  deleted_at: Timestamp | null;
  google_email: string | null;
  google_disconnected_at: Timestamp | null;
}
