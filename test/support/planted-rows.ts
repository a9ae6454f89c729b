import { randomUUID } from 'node:crypto';
import type { EmptyDatabase } from '../program/databases.ts';

/** Asked as a superuser. */
type Asked = Pick<EmptyDatabase, 'query'>;

export interface Tenant {
  workspace_id: string;
  wallet_id: string;
  person_id: string;
}

export function newTenant(): Tenant {
  return { workspace_id: randomUUID(), wallet_id: randomUUID(), person_id: randomUUID() };
}

/** A table whose rows are a workspace's, and the column that says of which. */
export interface TenantTable {
  name: string;
  owner: 'id' | 'workspace_id';
  /** What a row of a tenant must have, column by column, as text. */
  rowOf: (tenant: Tenant) => Record<string, string>;
}

interface Column {
  table: string;
  name: string;
  type: string;
  needed: boolean;
}

/** Every table of the schema with its columns, as the catalog has it now. */
async function columnsIn(database: Asked): Promise<Column[]> {
  return database.query<Column & { [name: string]: unknown }>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
       a.attnotnull and not a.atthasdef and a.attidentity = '' as needed
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and not c.relispartition and c.relname not like 'kysely%'
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by c.relname, a.attnum`,
  );
}

/** The tables that say whose a row is, and the names of all others. */
export async function tablesIn(
  database: Asked,
): Promise<{ tenant: TenantTable[]; other: string[] }> {
  const tables = Map.groupBy(await columnsIn(database), ({ table }) => table);
  const tenant: TenantTable[] = [];
  const other: string[] = [];
  for (const [name, columns] of tables) {
    const owner = name === 'workspaces' ? 'id' : 'workspace_id';
    if (!columns.some((column) => column.name === owner)) other.push(name);
    else tenant.push({ name, owner, rowOf: (whose) => rowOf(columns, owner, whose) });
  }
  return { tenant, other };
}

function rowOf(columns: readonly Column[], owner: string, tenant: Tenant): Record<string, string> {
  const known: Record<string, string> = { ...tenant, [owner]: tenant.workspace_id };
  if (columns.some(({ table }) => table === 'wallets')) known['id'] = tenant.wallet_id;
  return Object.fromEntries(
    columns
      .filter(({ name, needed }) => needed || name in known)
      .map(({ name, type }) => [name, known[name] ?? someValue(type)]),
  );
}

/** No two values are one, as much must be unique. */
let count = 0;
const VALUES: readonly [RegExp, () => string][] = [
  [/\[\]$/, () => '{}'],
  [/^uuid$/, randomUUID],
  [/^(text|citext|character)/, randomUUID],
  [/^(bigint|integer|smallint|numeric)/, () => String((count += 1))],
  [/^boolean$/, () => 'true'],
  [/^(timestamp|date)/, () => '2026-01-01'],
  [/^jsonb?$/, () => '{}'],
  [/^bytea$/, () => `\\x${randomUUID().replaceAll('-', '')}`],
  [/^"char"$/, () => 'a'],
];

function someValue(type: string): string {
  const found = VALUES.find(([pattern]) => pattern.test(type));
  if (found === undefined) throw new Error(`say which value a column of the type ${type} may have`);
  return found[1]();
}

export function insertOf(name: string, row: Record<string, string>): [string, string[]] {
  const values = Object.values(row);
  const places = values.map((_, index) => `$${index + 1}`).join(', ');
  return [`insert into ${name} (${Object.keys(row).join(', ')}) values (${places})`, values];
}

/**
 * Plants a row of each tenant in every table that says whose a row is. What rows may say is not
 * checked any more after it: this is about whose they are.
 */
export async function plantRows(
  database: Asked,
  tables: readonly TenantTable[],
  tenants: readonly Tenant[],
): Promise<void> {
  await database.query(`do $$ declare one record; begin
    for one in select conrelid::regclass as place, conname from pg_constraint
      where connamespace = 'public'::regnamespace and conparentid = 0
        and (contype in ('f', 'x') or (contype = 'c' and conrelid <> 0))
    loop execute format('alter table %s drop constraint %I', one.place, one.conname); end loop;
  end $$`);
  for (const { name, rowOf: row } of tables) {
    for (const tenant of tenants) await database.query(...insertOf(name, row(tenant)));
  }
}
