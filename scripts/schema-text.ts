import type { Column, Table } from './catalogue.ts';

/** The schema as statements, for people to read and for a comparison that fails on any change. */
export function schemaText(tables: Table[], functions: string[]): string {
  const parts = [
    '-- Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.',
    ...functions.map((one) => `${one.trimEnd()};`),
    ...tables.map(tableText),
  ];
  return `${parts.join('\n\n')}\n`;
}

function tableText(table: Table): string {
  const lines = [
    ...table.columns.map(columnText),
    ...table.constraints.map((one) => `  constraint ${one.name} ${one.definition}`),
  ];
  const options = table.options === null ? '' : ` with (${table.options})`;
  const statements = [
    `create table ${table.name} (\n${lines.join(',\n')}\n)${options}`,
    ...table.indexes,
    ...(table.secured ? [`alter table ${table.name} enable row level security`] : []),
    ...table.policies,
    ...table.triggers,
    ...table.grants,
    ...commentTexts(table),
  ];
  return statements.map((one) => `${one};`).join('\n');
}

function columnText(column: Column): string {
  const value =
    column.default === null
      ? ''
      : column.generated
        ? ` generated always as (${column.default}) stored`
        : ` default ${column.default}`;
  return `  ${column.name} ${column.type}${column.nullable ? '' : ' not null'}${value}`;
}

function commentTexts(table: Table): string[] {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  return [
    ...(table.comment === null
      ? []
      : [`comment on table ${table.name} is ${quoted(table.comment)}`]),
    ...table.columns.flatMap(({ name, comment }) =>
      comment === null ? [] : [`comment on column ${table.name}.${name} is ${quoted(comment)}`],
    ),
  ];
}
