// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface BookedMoney {
  day: string;
  currency: string;
  sold_minor: string;
  transferred_minor: string;
  used_minor: string;
  expired_minor: string;
  returned_minor: string;
  corrected_minor: string;
}
