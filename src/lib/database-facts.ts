import { sql } from 'kysely';
import type { Db } from './database.ts';

/** What the database says of itself. */
export interface DatabaseFacts {
  version: string;
  version_number: number;
  bytes: bigint;
  connections: number;
  connections_max: number;
  /** Settings without which what was acknowledged does not survive a crash, and that are off. */
  unsafe: string[];
  /** Tables of tenants that the database does not keep apart. */
  unguarded: string[];
  /** Whether the program could change an entry. */
  entries_can_change: boolean;
  /** How far the clock of the database is ahead of ours. */
  clock_ahead_milliseconds: number;
}

/**
 * Asks for them.
 * @param db as the staff
 * @param byRoles whether the program's parts are kept apart by roles of the database
 */
export async function databaseFacts(db: Db, byRoles: boolean): Promise<DatabaseFacts> {
  const started = Date.now();
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const clock_ahead_milliseconds = (rows[0]?.now.getTime() ?? started) - (started + Date.now()) / 2;
  const found = await sql<Omit<DatabaseFacts, 'clock_ahead_milliseconds'>>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as version_number,
      pg_database_size(current_database()) as bytes,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::int as connections_max,
      array(select name::text from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) name
        where current_setting(name) = 'off') as unsafe,
      array(select c.relname::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnum > 0
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          -- Asked for by a key before anybody's workspace is known, and says nothing but how often.
          and c.relname <> 'api_rate_windows'
          and not (c.relrowsecurity and (${byRoles} or c.relforcerowsecurity))
          and (not ${byRoles} or has_table_privilege('scrip_app', c.oid, 'select'))
        order by 1) as unguarded,
      case when ${byRoles}
        then has_table_privilege('scrip_app', 'entries', 'update, delete, truncate')
        else not exists (select from pg_trigger where tgrelid = 'entries'::regclass
          and tgenabled in ('O', 'A') and not tgisinternal) end as entries_can_change`.execute(db);
  const [facts] = found.rows;
  if (facts === undefined) throw new Error('a row without a table is missing');
  return { ...facts, clock_ahead_milliseconds };
}
