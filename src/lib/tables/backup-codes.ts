// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface BackupCode {
  person_id: string;
  number: number;
  code_hash: string;
}
