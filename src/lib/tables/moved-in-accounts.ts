// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

export interface MovedInAccount {
  system: string;
  account: string;
  workspace_id: string;
}
