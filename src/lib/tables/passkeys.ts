// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Passkey {
  id: string;
  person_id: string;
  credential_id: string;
  public_key: Buffer;
  counter: bigint;
  transports: string[];
  name: string;
  created_at: Generated<Timestamp>;
  last_used_at: Timestamp | null;
}
