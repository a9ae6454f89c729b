// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Jsonb, Timestamp } from '../column-types.ts';

export interface ReconciledDay {
  provider: string;
  livemode: boolean;
  day: Timestamp;
  currency: string;
  payments: number;
  taken_minor: bigint;
  refunded_minor: bigint;
  disputed_minor: bigint;
  booked_minor: bigint;
  booked_refunded_minor: bigint;
  booked_disputed_minor: bigint;
  sold_micro: bigint;
  granted_micro: bigint;
  differences: Jsonb;
  reconciliation_id: string;
}
