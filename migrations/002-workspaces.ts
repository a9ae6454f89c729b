import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table workspaces (
      id uuid primary key,
      kind text not null constraint workspaces_kind_is_known
        check (kind in ('personal', 'team', 'external')),
      name text not null,
      slug text not null constraint workspaces_have_one_slug unique,
      external_id text constraint workspaces_have_one_external_id unique,
      currency text not null default 'USD'
        constraint workspaces_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      time_zone text not null default 'UTC',
      stripe_customer_id text constraint workspaces_have_one_stripe_customer unique,
      deactivated_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint workspaces_external_have_an_external_id
        check ((kind = 'external') = (external_id is not null))
    )`.execute(db);
  await sql`
    create table memberships (
      workspace_id uuid not null references workspaces,
      person_id uuid not null references people,
      role text not null constraint memberships_role_is_known
        check (role in ('owner', 'admin', 'member')),
      created_at timestamptz not null default now(),
      primary key (workspace_id, person_id)
    )`.execute(db);
  await sql`create index memberships_by_person on memberships (person_id)`.execute(db);

  await sql`
    create table api_keys (
      id uuid primary key,
      workspace_id uuid references workspaces,
      livemode boolean not null,
      name text not null,
      prefix text not null constraint api_keys_have_one_prefix unique,
      hash bytea not null,
      scopes text[] not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      created_by uuid references people,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index api_keys_by_workspace on api_keys (workspace_id)`.execute(db);
  await sql`comment on column api_keys.workspace_id is
    'null for a key of the service, which acts on all wallets'`.execute(db);

  await sql`
    create table audit_events (
      id uuid primary key,
      workspace_id uuid references workspaces,
      actor_kind text not null constraint audit_events_actor_is_known
        check (actor_kind in ('person', 'api_key', 'payment', 'job', 'system')),
      actor_id uuid,
      action text not null,
      subject_kind text not null,
      subject_id text not null,
      before jsonb,
      after jsonb,
      reason text,
      ip inet,
      request_id text,
      at timestamptz not null default now(),
      constraint audit_events_by_people_and_keys_say_which
        check (actor_kind not in ('person', 'api_key') or actor_id is not null)
    )`.execute(db);
  await sql`create index audit_events_by_workspace on audit_events (workspace_id, id)`.execute(db);
  await sql`create index audit_events_by_subject on audit_events (subject_kind, subject_id, id)`.execute(
    db,
  );
  await sql`create index audit_events_by_actor on audit_events (actor_id, id)`.execute(db);
}
