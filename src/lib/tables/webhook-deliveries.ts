// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface WebhookDelivery {
  id: string;
  endpoint_id: string;
  workspace_id: string | null;
  message_id: string;
  type: string;
  body: string;
  attempts: Generated<number>;
  next_attempt_at: Timestamp | null;
  attempted_at: Timestamp | null;
  status: number | null;
  answer: string | null;
  error: string | null;
  delivered_at: Timestamp | null;
  created_at: Generated<Timestamp>;
}
