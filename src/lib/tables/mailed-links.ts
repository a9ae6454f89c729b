// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface MailedLink {
  token_hash: string;
  person_id: string;
  purpose: 'address' | 'password' | 'undo';
  address: string;
  address_normalized: string;
  expires_at: Timestamp;
  created_at: Generated<Timestamp>;
}
