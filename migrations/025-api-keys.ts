import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/** Which keys may do what, how often, and when they were used last. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table api_keys add constraint api_keys_of_a_workspace_give_no_credits check
      (workspace_id is null or not scopes && array['grants:write', 'customers:write'])`.execute(db);
  await sql`comment on column api_keys.last_used_at is
    'by the clock of the process that was asked; written about once a minute'`.execute(db);
  await sql`
    create table api_rate_windows (
      api_key_id uuid primary key references api_keys,
      ends_at timestamptz not null,
      taken integer not null constraint api_rate_windows_taken_is_not_negative check (taken >= 0),
      given integer not null constraint api_rate_windows_given_is_not_negative check (given >= 0)
    ) with (fillfactor = 50)`.execute(db);
  await sql`comment on table api_rate_windows is
    'How much of its limit each API key has used, in the window that it began last'`.execute(db);
  await sql`comment on column api_rate_windows.taken is
    'requests that processes may make or have made in the window'`.execute(db);
  await sql`comment on column api_rate_windows.given is
    'how many of them were given to the process that asked last'`.execute(db);
  await letTheLedgerNoteUses(db);
}

/** Uses of keys of all workspaces are written in one statement, in the role that sees all of them. */
async function letTheLedgerNoteUses(db: Kysely<never>): Promise<void> {
  const roles = await haveRoles(db);
  if (roles) {
    await sql`grant update (last_used_at) on api_keys to scrip_ledger`.execute(db);
    await sql`grant select, insert, update on api_rate_windows to scrip_app`.execute(db);
    await sql`grant select on api_rate_windows to scrip_staff`.execute(db);
    return;
  }
  await sql`
    alter policy api_keys_of_own_workspace on api_keys with check (
      workspace_id is not distinct from nullif(current_setting('scrip.workspace_id', true), '')::uuid
      or current_setting('scrip.role', true) = 'ledger')`.execute(db);
}
