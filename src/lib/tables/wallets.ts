// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface Wallet {
  id: string;
  workspace_id: string;
  livemode: boolean;
  available: Generated<bigint>;
  held: Generated<bigint>;
  debt: Generated<bigint>;
  overdraft_limit: Generated<bigint>;
  last_seq: Generated<bigint>;
  last_lot: Generated<number>;
  last_at: Generated<Timestamp>;
  next_due_at: Timestamp | null;
  frozen_at: Timestamp | null;
  frozen_reason: string | null;
  unlimited_until: Timestamp | null;
  unlimited_reason: 'plan' | 'super_admin' | 'contract' | null;
  alert_below: bigint | null;
  alert_above: bigint | null;
  time_zone: Generated<string>;
  refund_to_expired_lot: Generated<'expire' | 'grace_lot'>;
  grace_seconds: Generated<number>;
  capture_above_hold: Generated<'refuse' | 'debit'>;
  reversal: Generated<'debt' | 'write_off'>;
  hold_max_seconds: Generated<number>;
  created_at: Generated<Timestamp>;
  has_budgets: Generated<boolean>;
  watch_below: bigint | null;
  watch_above: bigint | null;
}
