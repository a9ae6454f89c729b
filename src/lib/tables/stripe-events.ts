// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface StripeEvent {
  id: string;
  type: string;
  livemode: boolean;
  object_id: string | null;
  payment_id: string | null;
  state: 'done' | 'ignored' | 'flagged';
  note: string | null;
  body: Jsonb;
  created_at: Timestamp;
  received_at: Generated<Timestamp>;
}
