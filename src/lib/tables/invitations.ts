// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Invitation {
  id: string;
  workspace_id: string;
  email: string;
  email_normalized: string;
  role: 'admin' | 'member';
  token_hash: Buffer;
  invited_by: string;
  times_sent: Generated<number>;
  created_at: Generated<Timestamp>;
  expires_at: Timestamp;
  accepted_at: Timestamp | null;
  accepted_by: string | null;
  revoked_at: Timestamp | null;
}
