// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Budget {
  wallet_id: string;
  id: string;
  workspace_id: string;
  subject: string;
  period: 'hour' | 'day' | 'week' | 'month' | 'all';
  limit_amount: bigint;
  hard: boolean;
  raised_to: bigint | null;
  raised_until: Timestamp | null;
  time_zone: Generated<string>;
  created_at: Generated<Timestamp>;
}
