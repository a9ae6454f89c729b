import type { Version } from '../../core/versions.ts';
import type { Change, Changed } from '../../lib/changes.ts';
import type { Db, Trx } from '../../lib/database.ts';

/** A field of a form, as the view writes it. */
export interface Field {
  name: string;
  label: string;
  hint?: string;
  as?: 'text' | 'number' | 'tick' | 'select' | 'moment';
  options?: readonly (readonly [string, string])[];
}

/** Fields that stand in one row, of which there are several: prices by currency. */
export interface Rows {
  legend: string;
  hint: string;
  columns: readonly Field[];
}

/** What stands in a form's fields. */
export type Values = Record<string, string>;

/** More rows than these nobody fills in. */
export const ROWS_MAX = 12;

export interface Listed<Terms> extends Version {
  code: string;
  terms: Terms & { active: boolean };
  made_by: string;
  created_at: Date;
}

export type Read<Terms> =
  { outcome: 'read'; terms: Terms } | { outcome: 'refused'; errors: Record<string, string> };

/** One kind of thing in the catalogue: how it is shown, read from a form, and changed. */
export interface CatalogueKind<Terms> {
  /** Below /admin/catalogue. */
  path: string;
  /** What audit events call it. */
  subject: string;
  title: string;
  /** "package" */
  one: string;
  /** What stands beneath the title. */
  about: string;
  fields: readonly Field[];
  rows?: Rows;
  /** There is one of it, with this code. */
  only?: string;
  /** Nothing of it can be planned: a change holds at once. */
  at_once?: boolean;
  has_prices?: boolean;
  /** What the word for being in use is: "On sale". */
  in_use: string;
  versions(db: Db, code?: string): Promise<Listed<Terms>[]>;
  /** In a line, for the list. */
  sentence(terms: Terms): string;
  values(terms: Terms & { active: boolean }): Values;
  read(values: Values): Read<Terms>;
  add(
    trx: Trx,
    code: string,
    terms: Terms & { active: boolean },
    change: Pick<Change, 'valid_from' | 'by'>,
  ): Promise<boolean>;
  change(
    trx: Trx,
    code: string,
    terms: Terms & { active: boolean },
    change: Change,
  ): Promise<Changed>;
  /** The labels of what a history names, by the names that audit events have. */
  told: Readonly<Record<string, string>>;
}
