// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PlanPrice {
  id: string;
  plan_id: string;
  period: 'month' | 'year';
  currency: string;
  price_minor: bigint;
  version: number;
  valid_from: Generated<Timestamp>;
}
