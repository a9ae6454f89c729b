// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

import type { Generated } from '../column-types.ts';

export interface HoldLot {
  wallet_id: string;
  hold_id: string;
  lot_number: number;
  workspace_id: string;
  position: number;
  amount: bigint;
  captured: Generated<bigint>;
  released: Generated<bigint>;
}
