import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, haveRoles } from './access.ts';

/** Who is invited into a workspace, by whom somebody came in, and which workspace was used last. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table invitations (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      email text not null,
      email_normalized text not null,
      role text not null constraint invitations_role_is_known check (role in ('admin', 'member')),
      token_hash bytea not null constraint invitations_have_one_token unique,
      invited_by uuid not null references people,
      times_sent integer not null default 1
        constraint invitations_are_sent_at_least_once check (times_sent > 0),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      accepted_at timestamptz,
      accepted_by uuid references people,
      revoked_at timestamptz,
      constraint invitations_are_accepted_by_somebody
        check ((accepted_at is null) = (accepted_by is null)),
      constraint invitations_are_accepted_or_revoked
        check (accepted_at is null or revoked_at is null)
    )`.execute(db);
  await sql`create unique index invitations_are_open_once_for_an_address on invitations
    (workspace_id, email_normalized) where accepted_at is null and revoked_at is null`.execute(db);
  await sql`comment on table invitations is
    'Open until they are accepted, revoked or expired; sending one again changes its token'`.execute(
    db,
  );
  await sql`comment on column invitations.token_hash is
    'SHA-256 of what stands in the link, which is kept nowhere else than in the mail'`.execute(db);
  await sql`
    alter table memberships
      add column invited_by uuid references people,
      add column last_used_at timestamptz`.execute(db);
  await sql`comment on column memberships.last_used_at is
    'written when somebody changes to another workspace; the latest of a person is their home'`.execute(
    db,
  );
  await giveAccess(db);
}

/** The app sees and writes those of its workspace, staff find out whose a link is. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await run(`alter table invitations enable row level security`);
  if (!roles) {
    await run(`alter table invitations force row level security`);
    await run(`create policy invitations_of_own_workspace on invitations
      using (${OWN_WORKSPACE} or current_setting('scrip.role', true) in ('ledger', 'staff'))
      with check (${OWN_WORKSPACE})`);
    return;
  }
  await run(`create policy invitations_of_own_workspace on invitations to scrip_app
    using (${OWN_WORKSPACE}) with check (${OWN_WORKSPACE})`);
  await run(`create policy invitations_for_staff on invitations for select to scrip_staff
    using (true)`);
  await run(`grant select, insert, update on invitations to scrip_app`);
  await run(`grant select on invitations to scrip_staff`);
}
