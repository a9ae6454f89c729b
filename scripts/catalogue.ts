import type pg from 'pg';

/** One table of the schema as PostgreSQL's catalogue describes it. */
export interface Table {
  name: string;
  options: string | null;
  comment: string | null;
  secured: boolean;
  columns: Column[];
  constraints: { name: string; definition: string }[];
  indexes: string[];
  triggers: string[];
  policies: string[];
  grants: string[];
}

export interface Column {
  name: string;
  type: string;
  nullable: boolean;
  default: string | null;
  generated: boolean;
  comment: string | null;
}

/** Reads the tables of the public schema, each list in a fixed order, so that two runs compare. */
export async function readCatalogue(client: pg.ClientBase): Promise<Table[]> {
  const tables = await client.query<Omit<Table, 'columns' | ListName> & { oid: number }>(`
    select c.oid, c.relname as name, array_to_string(c.reloptions, ', ') as options,
      obj_description(c.oid) as comment, c.relrowsecurity as secured
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and c.relname not like 'kysely_migration%' order by c.relname`);
  const found: Table[] = [];
  for (const { oid, ...table } of tables.rows) {
    found.push({
      ...table,
      columns: await columnsOf(client, oid),
      constraints: await constraintsOf(client, oid),
      indexes: await list(client, INDEXES, oid),
      triggers: await list(client, TRIGGERS, oid),
      policies: await list(client, POLICIES, oid),
      grants: await list(client, GRANTS, oid),
    });
  }
  return found;
}

/** The functions of the public schema, as statements. */
export async function readFunctions(client: pg.ClientBase): Promise<string[]> {
  return list(
    client,
    `select pg_get_functiondef(oid) as line from pg_proc
     where pronamespace = 'public'::regnamespace and $1::oid is not null order by proname`,
    0,
  );
}

type ListName = 'constraints' | 'indexes' | 'triggers' | 'policies' | 'grants';

async function columnsOf(client: pg.ClientBase, oid: number): Promise<Column[]> {
  const found = await client.query<Column>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as default,
       a.attgenerated = 's' as generated, col_description(a.attrelid, a.attnum) as comment
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [oid],
  );
  return found.rows;
}

async function constraintsOf(client: pg.ClientBase, oid: number): Promise<Table['constraints']> {
  const found = await client.query<{ name: string; definition: string }>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1 and contype <> 'n' order by position(contype::text in 'pufc'), conname`,
    [oid],
  );
  return found.rows;
}

async function list(client: pg.ClientBase, query: string, oid: number): Promise<string[]> {
  const found = await client.query<{ line: string }>(query, [oid]);
  return found.rows.map((row) => row.line);
}

const INDEXES = `
  select pg_get_indexdef(i.indexrelid) as line from pg_index i
  where i.indrelid = $1 and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
  order by i.indexrelid::regclass::text`;

const TRIGGERS = `
  select pg_get_triggerdef(oid) as line from pg_trigger
  where tgrelid = $1 and not tgisinternal order by tgname`;

const POLICIES = `
  select format('create policy %I on %I for %s to %s%s%s', policyname, tablename, lower(cmd),
    array_to_string(roles, ', '), ' using ' || qual, ' with check ' || with_check) as line
  from pg_policies where schemaname = 'public'
    and tablename = (select relname from pg_class where oid = $1) order by policyname`;

const GRANTS = `
  select format('grant %s on %I to %I', string_agg(lower(g.privilege_type), ', ' order by g.privilege_type),
    c.relname, r.rolname) as line
  from pg_class c, aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
  where c.oid = $1 and r.rolname like 'scrip\\_%' group by c.relname, r.rolname order by r.rolname`;
