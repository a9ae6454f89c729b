// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface WebhookEndpoint {
  id: string;
  workspace_id: string | null;
  livemode: boolean;
  url: string;
  events: string[];
  secret: string;
  previous_secret: string | null;
  previous_secret_until: Timestamp | null;
  failures: Generated<number>;
  failing_since: Timestamp | null;
  paused_at: Timestamp | null;
  paused_reason: 'by_hand' | 'failing' | 'gone' | null;
  created_by: string | null;
  created_at: Generated<Timestamp>;
}
