// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface HourSeal {
  number: bigint;
  hour: Timestamp;
  wallet_count: bigint;
  entry_count: bigint;
  key_name: string;
  hash: Buffer;
}
