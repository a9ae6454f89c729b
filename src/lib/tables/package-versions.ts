// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated, Timestamp } from '../column-types.ts';

export interface PackageVersion {
  package_id: string;
  version: number;
  valid_from: Timestamp;
  name: string;
  credits: bigint;
  bonus: bigint;
  expires_after_days: number | null;
  bonus_expires_after_days: number | null;
  popular: boolean;
  position: number;
  active: boolean;
  made_by: string;
  created_at: Generated<Timestamp>;
}
