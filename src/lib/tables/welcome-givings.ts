// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface WelcomeGiving {
  hash: string;
  kind: 'mailbox' | 'google';
  given_at: Generated<Timestamp>;
}
