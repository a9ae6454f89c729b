import type { Wallet } from '../core/wallet.ts';
import { type ItemType, type Value, arrayOf, timestampOf } from './arrays.ts';

/** A row and the wallet that it belongs to. */
export interface Owned<Row> {
  wallet: Pick<Wallet, 'id' | 'workspace_id'>;
  row: Row;
}

/** A column that is written: its name, how its parameter is typed, and what a row has in it. */
export type Column<Row> = readonly [name: string, type: ColumnType, value: (row: Row) => Value];
type ColumnType =
  ItemType | 'instant' | 'list of int4' | 'list of int8' | 'list of text' | 'list of "char"';

/** One statement that writes any number of rows of one kind, a parameter for each column. */
export interface Statement<Row> {
  text: string;
  values: (rows: readonly Row[]) => Buffer[];
  /**
   * The same as a part of a larger statement: its parameters begin with the number `first`, and only
   * rows of which `condition` is true are written. They are told apart from what is stored as `t`.
   */
  part: (first: number, condition: string) => string;
  /** How many parameters it has. */
  length: number;
}

/** Every table but the wallets themselves says whose row it is. */
export function owner<Row>(): Column<Owned<Row>>[] {
  return [
    ['wallet_id', 'uuid', ({ wallet }) => wallet.id],
    ['workspace_id', 'uuid', ({ wallet }) => wallet.workspace_id],
  ];
}

export function insert<Row>(
  table: string,
  columns: readonly Column<Row>[],
  constants: Readonly<Record<string, string>> = {},
  onConflict = '',
): Statement<Row> {
  const names = [...columns.map(([name]) => name), ...Object.keys(constants)];
  const selected = [...columns.map(expressionOf), ...Object.values(constants)];
  return statement(
    columns,
    (first, condition) => `
      insert into ${table} (${names.join(', ')})
      select ${selected.join(', ')} from ${unnest(columns, first)} where ${condition} ${onConflict}`,
  );
}

/** @param compared columns that have to be as the row says; one may be among those that change too */
export function update<Row>(
  table: string,
  compared: readonly Column<Row>[],
  changing: readonly Column<Row>[],
): Statement<Row> {
  const changed = new Set(changing.map(([name]) => name));
  const known = compared.map(([name, type, value]) => {
    const column: Column<Row> = [changed.has(name) ? `known_${name}` : name, type, value];
    return { name, column };
  });
  const all = [...known.map(({ column }) => column), ...changing];
  const set = changing.map((column) => `${column[0]} = ${expressionOf(column)}`);
  const found = known.map(({ name, column }) => `stored.${name} = ${expressionOf(column)}`);
  return statement(
    all,
    (first, condition) => `
      update ${table} stored set ${set.join(', ')}
      from ${unnest(all, first)} where ${found.join(' and ')} and ${condition}`,
  );
}

export function overwrite<Row>(key: string, changing: readonly Column<Row>[]): string {
  const set = changing.map(([name]) => `${name} = excluded.${name}`);
  return `on conflict (${key}) do update set ${set.join(', ')}`;
}

function statement<Row>(
  columns: readonly Column<Row>[],
  part: Statement<Row>['part'],
): Statement<Row> {
  return {
    text: part(1, 'true'),
    part,
    length: columns.length,
    values: (rows) => columns.map(([, type, value]) => arrayOf(itemTypeOf(type), rows.map(value))),
  };
}

/** In the select list all arrays advance together; in FROM each would be gathered in a store of its own. */
function unnest<Row>(columns: readonly Column<Row>[], first: number): string {
  const arrays = columns.map(
    ([name, type], index) => `unnest($${first + index}::${itemTypeOf(type)}[]) as ${name}`,
  );
  return `(select ${arrays.join(', ')}) as t`;
}

/** unnest would take an array of arrays apart to the bottom: a list travels as text. */
function itemTypeOf(type: ColumnType): ItemType {
  switch (type) {
    case 'instant':
      return 'int8';
    case 'list of int4':
    case 'list of int8':
    case 'list of text':
    case 'list of "char"':
      return 'text';
    default:
      return type;
  }
}

function expressionOf<Row>([name, type]: Column<Row>): string {
  if (type === 'instant') return timestampOf(`t.${name}`);
  return type.startsWith('list of ')
    ? `t.${name}::${type.slice('list of '.length)}[]`
    : `t.${name}`;
}
