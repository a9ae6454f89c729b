// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface BookedCredit {
  day: string;
  kind: string;
  source: string;
  paid: boolean;
  moved_from: string;
  moved_to: string;
  amount: string;
}
