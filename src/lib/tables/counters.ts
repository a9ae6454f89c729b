// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Counter {
  wallet_id: string;
  subject: string;
  period: 'hour' | 'day' | 'week' | 'month' | 'all';
  starts_at: Timestamp;
  workspace_id: string;
  quantity: Generated<bigint>;
  amount: Generated<bigint>;
}
