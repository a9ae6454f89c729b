// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface Entry {
  wallet_id: string;
  seq: bigint;
  workspace_id: string;
  kind:
    | 'grant'
    | 'debit'
    | 'hold'
    | 'extension'
    | 'capture'
    | 'release'
    | 'refund'
    | 'expiry'
    | 'clawback'
    | 'reinstatement'
    | 'adjustment'
    | 'transfer_out'
    | 'transfer_in'
    | 'repayment'
    | 'write_off';
  amount: bigint;
  list_amount: bigint | null;
  waiver: string | null;
  leg_lots: Generated<number[]>;
  leg_from: Generated<string[]>;
  leg_to: Generated<string[]>;
  leg_amounts: Generated<bigint[]>;
  available_after: bigint;
  held_after: bigint;
  debt_after: bigint;
  namespace: string;
  key: string;
  key_hash: string;
  content_hash: string;
  actor_kind: 'person' | 'api_key' | 'payment' | 'job' | 'system';
  actor_id: string | null;
  on_behalf_of: string | null;
  api_key_id: string | null;
  operation: string | null;
  quantity: bigint | null;
  lines: Jsonb | null;
  parent_seq: bigint | null;
  payment_id: string | null;
  at: Timestamp;
  occurred_at: Timestamp | null;
  recorded_at: Timestamp;
}
