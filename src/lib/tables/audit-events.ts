// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface AuditEvent {
  id: string;
  workspace_id: string | null;
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system' | 'customer';
  actor_id: string | null;
  action: string;
  subject_kind: string;
  subject_id: string;
  before: Jsonb | null;
  after: Jsonb | null;
  reason: string | null;
  ip: string | null;
  request_id: string | null;
  at: Generated<Timestamp>;
}
