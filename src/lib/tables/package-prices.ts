// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface PackagePrice {
  package_id: string;
  currency: string;
  price_minor: bigint;
  version: number;
}
