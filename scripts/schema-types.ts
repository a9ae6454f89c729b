import type { Column, Table } from './catalogue.ts';

/** Kysely's own Generated does not look into a column type, as that of a timestamp is. */
const GENERATED = `type Generated<T> =
  T extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I | undefined, U>
    : ColumnType<T, T | undefined, T>;`;

/**
 * The same tables as TypeScript types for Kysely. A column whose check constraint lists its values
 * becomes a union of them, so that a misspelt status does not compile.
 */
export function typesText(tables: Table[]): string {
  const interfaces = tables.map(interfaceText);
  const members = tables.map((table) => `  ${table.name}: ${typeName(table.name)};`);
  return [
    [
      '// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.',
      '// One file, as there is one schema: Kysely needs all tables together, and people read schema.sql.',
    ].join('\n'),
    "import type { ColumnType } from 'kysely';",
    GENERATED,
    'export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };',
    'type Timestamp = ColumnType<Date, Date | string, Date | string>;',
    'type Jsonb = ColumnType<Json, string, string>;',
    ...interfaces,
    `export interface DB {\n${members.join('\n')}\n}`,
  ]
    .join('\n\n')
    .concat('\n');
}

function interfaceText(table: Table): string {
  const members = table.columns.map((column) => `  ${column.name}: ${columnType(table, column)};`);
  return `export interface ${typeName(table.name)} {\n${members.join('\n')}\n}`;
}

function columnType(table: Table, column: Column): string {
  const base = valuesOf(table, column) ?? plainType(column.type);
  const type = column.nullable ? `${base} | null` : base;
  if (column.generated) return `ColumnType<${type}, never, never>`;
  return column.default === null ? type : `Generated<${type}>`;
}

function plainType(type: string): string {
  if (type.endsWith('[]')) return `${plainType(type.slice(0, -2))}[]`;
  switch (type) {
    case 'bigint':
      return 'bigint';
    case 'integer':
    case 'smallint':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'timestamp with time zone':
      return 'Timestamp';
    case 'json':
    case 'jsonb':
      return 'Jsonb';
    case 'bytea':
      return 'Buffer';
    case 'text':
    case 'uuid':
    case 'inet':
    case '"char"':
    case 'numeric':
      return 'string';
    default:
      throw new Error(`no TypeScript type is known for PostgreSQL's ${type}`);
  }
}

/**
 * The literals of `check (column in (…))`, which the catalogue shows as `= ANY (ARRAY['a'::text, …])`,
 * or of `check (column = any ('{a,…}'))`.
 */
function valuesOf(table: Table, column: Column): string | undefined {
  const start = `CHECK ((${column.name} = ANY (`;
  const check = table.constraints.find((one) => one.definition.startsWith(start))?.definition;
  if (check === undefined) return undefined;
  const inOne = /'\{([\w,]+)\}'::text\[\]/.exec(check)?.[1]?.split(',');
  const words = inOne ?? Array.from(check.matchAll(/'([^']+)'::text/g), (match) => match[1] ?? '');
  return words.map((word) => `'${word}'`).join(' | ');
}

function typeName(table: string): string {
  const singular: Record<string, string> = {
    people: 'Person',
    entries: 'Entry',
    entry_details: 'EntryDetail',
    ledger_outbox: 'LedgerOutboxRow',
    ledger_progress: 'LedgerTaskProgress',
    rollup_progress: 'WalletRollupProgress',
  };
  const known = singular[table];
  if (known !== undefined) return known;
  const words = table.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join('').replace(/s$/, '');
}
