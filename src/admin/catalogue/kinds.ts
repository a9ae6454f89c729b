import { type Version, changesAfter } from '../../core/versions.ts';
import { type Change, type Changed, toldSame } from '../../lib/changes.ts';
import type { Db, Trx } from '../../lib/database.ts';

/** A field of a form, as the view writes it. */
export interface Field {
  name: string;
  label: string;
  hint?: string;
  /** What its number counts, beside it. */
  unit?: string;
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

/** What is said of something, and whether it is in use: else it is retired. */
export interface Stated<Terms> {
  terms: Terms;
  active: boolean;
}

export interface Listed<Terms> extends Version, Stated<Terms> {
  code: string;
  made_by: string;
  created_at: Date;
}

/** What is to come of something, as far as it changes what holds before. */
export function changesOf<Terms>(
  { values }: CatalogueKind<Terms>,
  versions: readonly Listed<Terms>[],
  now: Date,
): Listed<Terms>[] {
  return changesAfter(versions, now, (before, after) =>
    before === undefined
      ? !after.active
      : before.active === after.active && toldSame(values(before.terms), values(after.terms)),
  );
}

/** How something is called on pages: by its code where it has no name. */
export function calledIn({ name, title, label }: Values, code: string): string {
  return name ?? title ?? label ?? code;
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
  /** What its codes are, where they are not as usual. */
  codes?: { label: string; hint: string; pattern: RegExp; sentence: string };
  /** What of it stays as it was when it is changed. */
  keeps?: string;
  /** Nothing of it can be planned: a change holds at once. */
  at_once?: boolean;
  has_prices?: boolean;
  /** What the word for being in use is: "On sale". Without it there is nothing to retire. */
  in_use: string | undefined;
  versions(db: Db, code?: string): Promise<Listed<Terms>[]>;
  /** In a line without its name, for the list. */
  sentence(terms: Terms): string;
  values: (terms: Terms) => Values;
  read(values: Values): Read<Terms>;
  add(
    trx: Trx,
    code: string,
    stated: Stated<Terms>,
    change: Pick<Change, 'valid_from' | 'by'>,
  ): Promise<boolean>;
  change(trx: Trx, code: string, stated: Stated<Terms>, change: Change): Promise<Changed>;
  /** The labels of what a history names, by the names that audit events have. */
  told: Readonly<Record<string, string>>;
}
