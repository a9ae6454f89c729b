// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface BusinessProfile {
  workspace_id: string;
  industry: Generated<string>;
  about: Generated<string>;
  brand_voice: 'professional' | 'casual' | 'friendly' | null;
  customer_roles: Generated<string>;
  customer_companies: Generated<string>;
  customer_places: Generated<string>;
  customer_needs: Generated<string>;
  updated_at: Generated<Timestamp>;
}
