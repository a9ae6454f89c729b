import { type Kysely, sql } from 'kysely';

/** What a product tells of its customers, and that these act by themselves when they buy. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table workspaces add column email text
      constraint workspaces_email_is_of_a_customer check (email is null or kind = 'external')`.execute(
    db,
  );
  await sql`comment on column workspaces.email is
    'where a product''s customer is reached, who has no account; members have their own'`.execute(
    db,
  );
  await sql`create index workspaces_external_in_order on workspaces (id) where kind = 'external'`.execute(
    db,
  );
  await sql`
    alter table audit_events drop constraint audit_events_actor_is_known,
      add constraint audit_events_actor_is_known check
        (actor_kind in ('person', 'api_key', 'payment', 'job', 'system', 'customer'))`.execute(db);
}
