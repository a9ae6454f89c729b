// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface BookedLot {
  wallet_id: string;
  lot_number: number;
  sent: bigint;
  used: bigint;
  expired: bigint;
  returned: bigint;
  corrected: bigint;
}
