// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Jsonb, Timestamp } from '../column-types.ts';

export interface Invoice {
  id: string;
  workspace_id: string;
  payment_id: string;
  kind: 'invoice' | 'credit_note';
  corrects_id: string | null;
  series: string;
  number_in_series: number;
  number: string;
  livemode: boolean;
  issued_at: Timestamp;
  seller: Jsonb;
  buyer: Jsonb;
  lines: Jsonb;
  subtotal_minor: bigint;
  discount_minor: bigint;
  tax_minor: bigint;
  total_minor: bigint;
  currency: string;
}
