// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface InvoiceCounter {
  series: string;
  last_number: number;
}
