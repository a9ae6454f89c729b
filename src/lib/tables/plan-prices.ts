// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface PlanPrice {
  id: string;
  plan_id: string;
  period: 'month' | 'year';
  currency: string;
  price_minor: bigint;
  version: number;
  plan_version: number;
}
