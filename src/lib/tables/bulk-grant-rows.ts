// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface BulkGrantRow {
  bulk_grant_id: string;
  number: number;
  customer: string;
  written_amount: string;
  wallet_id: string | null;
  amount: bigint | null;
  state: 'waiting' | 'granted' | 'refused';
  fault: string | null;
  entry_seq: bigint | null;
  note: string | null;
  expires_at: Timestamp | null;
}
