// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface BookedActivity {
  day: string;
  wallet_id: string;
}
