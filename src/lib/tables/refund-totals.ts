// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface RefundTotal {
  wallet_id: string;
  entry_seq: bigint;
  lot_number: number;
  workspace_id: string;
  taken: bigint;
  refunded: bigint;
}
