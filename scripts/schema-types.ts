import type { Column, Table } from './catalogue.ts';

const NOTE =
  '// Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.';

/**
 * The same tables as TypeScript types for Kysely: a file for each table by its name, and one that
 * lists them all. A column whose check constraint lists its values becomes a union of them, so that
 * a misspelt status does not compile.
 */
export function typesFiles(tables: Table[]): Map<string, string> {
  const imports = tables.map(
    (table) => `import type { ${typeName(table.name)} } from './tables/${fileName(table)}';`,
  );
  const members = tables.map((table) => `  ${table.name}: ${typeName(table.name)};`);
  const all = [NOTE, imports.join('\n'), `export interface DB {\n${members.join('\n')}\n}`];
  return new Map([
    ['database-types.ts', all.join('\n\n')],
    ...tables.map((table): [string, string] => [`tables/${fileName(table)}`, tableText(table)]),
  ]);
}

function fileName(table: Table): string {
  return `${table.name.replaceAll('_', '-')}.ts`;
}

function tableText(table: Table): string {
  const text = interfaceText(table);
  const used = ['Generated', 'Jsonb', 'Timestamp'].filter((name) => text.includes(name));
  const imports = [
    ...(text.includes('ColumnType<') ? ["import type { ColumnType } from 'kysely';"] : []),
    ...(used.length > 0 ? [`import type { ${used.join(', ')} } from '../column-types.ts';`] : []),
  ];
  return [NOTE, ...(imports.length > 0 ? [imports.join('\n')] : []), text].join('\n\n');
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
    entry_details: 'EntryDetail',
    ledger_outbox: 'LedgerOutboxRow',
    ledger_progress: 'LedgerTaskProgress',
    rollup_progress: 'WalletRollupProgress',
  };
  const known = singular[table];
  if (known !== undefined) return known;
  const words = table.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join('').replace(/ies$/, 'y').replace(/s$/, '');
}
