// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface BillingDetail {
  workspace_id: string;
  legal_name: string;
  address: string;
  country: string;
  tax_id: string | null;
  tax_id_kind: 'gstin' | 'eu_vat' | 'other' | null;
  updated_at: Generated<Timestamp>;
}
