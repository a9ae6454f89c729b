import type { ColumnType } from 'kysely';

/** Kysely's own Generated does not look into a column type, as that of a timestamp is. */
export type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export type Jsonb = ColumnType<Json, string, string>;
