// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Timestamp } from '../column-types.ts';

export interface WalletSeal {
  hour: Timestamp;
  wallet_id: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  amount: string;
  hash: Buffer;
}
