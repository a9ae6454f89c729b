// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Jsonb, Timestamp } from '../column-types.ts';

export interface CatalogueVersion {
  kind:
    | 'welcome'
    | 'step'
    | 'completion'
    | 'achievement'
    | 'alert_defaults'
    | 'benchmark'
    | 'own_amount'
    | 'referral'
    | 'industry';
  code: string;
  version: number;
  valid_from: Timestamp;
  active: boolean;
  content: Jsonb;
  made_by: string;
  created_at: Generated<Timestamp>;
}
