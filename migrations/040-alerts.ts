import { type Kysely, sql } from 'kysely';
import { OWN_PERSON, OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * What people want to know before it is too late: alerts of a workspace, who of its members has them
 * before them unread, what each wants to hear of and how, and between which amounts a wallet may move
 * without anybody having to look at it. Keys that cause a spike can be paused.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await watchedWallets(db);
  await alerts(db);
  await choices(db);
  await sql`alter table api_keys add column paused_at timestamptz`.execute(db);
  await sql`comment on column api_keys.paused_at is
    'since when requests with it are refused, until somebody resumes it'`.execute(db);
  await sql`
    alter table mails add column unsubscribe_path text
      constraint mails_unsubscribe_path_is_a_path check (unsubscribe_path ~ '^/[^[:cntrl:] ]+$')`.execute(
    db,
  );
  await sql`comment on column mails.unsubscribe_path is
    'where whoever has the mail ends mails of its kind, signed in or not; null for those that nobody can end'`.execute(
    db,
  );
  await giveAccess(db);
}

async function watchedWallets(db: Kysely<never>): Promise<void> {
  await sql`alter table wallets add column watch_below bigint, add column watch_above bigint`.execute(
    db,
  );
  await sql`comment on column wallets.watch_below is
    'what is available fell below this: somebody looks which alerts that means, and sets it anew'`.execute(
    db,
  );
  await sql`comment on column wallets.watch_above is 'the same when it has risen to this'`.execute(
    db,
  );
}

async function alerts(db: Kysely<never>): Promise<void> {
  await sql`
    create table alerts (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      livemode boolean not null,
      kind text not null constraint alerts_kind_is_known check (kind in ('balance_low', 'run_out',
        'lot_expiring', 'spike', 'budget_reached', 'top_up_failed', 'card_expiring', 'recovered')),
      subject text not null,
      facts jsonb not null,
      raised_at timestamptz not null default now(),
      ended_at timestamptz
    )`.execute(db);
  await sql`create unique index alerts_are_raised_once_while_they_last
    on alerts (wallet_id, kind, subject) where ended_at is null`.execute(db);
  await sql`create index alerts_newest on alerts (workspace_id, id)`.execute(db);
  await sql`create index alerts_of_usage_that_last on alerts (wallet_id)
    where ended_at is null and kind in ('run_out', 'spike')`.execute(db);
  await sql`comment on column alerts.subject is
    'what it is about within its kind: raised again only when it has ended'`.execute(db);
  await sql`comment on column alerts.facts is
    'what it tells, in the form of the API: amounts are decimal strings'`.execute(db);
  await sql`comment on column alerts.ended_at is
    'null while it lasts, and for ever where it tells of one moment'`.execute(db);
  await sql`
    create table alert_notices (
      alert_id uuid not null references alerts on delete cascade,
      person_id uuid not null references people,
      workspace_id uuid not null,
      read_at timestamptz,
      primary key (alert_id, person_id)
    )`.execute(db);
  await sql`create index alert_notices_unread on alert_notices (person_id, workspace_id)
    where read_at is null`.execute(db);
  await sql`comment on table alert_notices is
    'Which alerts are marked for whom, until they are read'`.execute(db);
}

async function choices(db: Kysely<never>): Promise<void> {
  await sql`
    create table alert_settings (
      workspace_id uuid primary key references workspaces,
      low_percent smallint
        constraint alert_settings_low_is_a_share check (low_percent between 1 and 100),
      critical_percent smallint
        constraint alert_settings_critical_is_a_share check (critical_percent between 1 and 100),
      mark_micro bigint constraint alert_settings_mark_is_positive check (mark_micro > 0),
      run_out_days smallint
        constraint alert_settings_run_out_is_some_days check (run_out_days between 1 and 90),
      expiry_days smallint[] not null
        constraint alert_settings_expiry_days_are_offered check (expiry_days <@ '{14,3,1}'),
      spikes boolean not null,
      applied boolean not null default false,
      updated_by uuid references people,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index alert_settings_to_apply on alert_settings (workspace_id)
    where not applied`.execute(db);
  await sql`comment on table alert_settings is
    'What a workspace is alerted of; without a row, the defaults of the program'`.execute(db);
  await sql`comment on column alert_settings.applied is
    'whether its wallets were looked at since it was changed'`.execute(db);
  await sql`
    create table alert_preferences (
      workspace_id uuid not null references workspaces,
      person_id uuid not null references people,
      kind text not null,
      in_page boolean not null,
      by_mail boolean not null,
      updated_at timestamptz not null default now(),
      primary key (workspace_id, person_id, kind)
    )`.execute(db);
  await sql`comment on table alert_preferences is
    'How a member wants to hear of a kind of alert; without a row, as their role has it'`.execute(
    db,
  );
  await sql`
    create table alert_progress (
      task text primary key
        constraint alert_progress_task_is_known check (task in ('expiring', 'usage')),
      done_until timestamptz
    )`.execute(db);
  await sql`comment on column alert_progress.done_until is
    'until when the task has looked; null when it has never run'`.execute(db);
  await sql`insert into alert_progress (task) values ('expiring'), ('usage')`.execute(db);
}

/** What the app may do with each table, and which rows it sees. The ledger's jobs do the rest. */
const TABLES = [
  { table: 'alerts', app: 'select', seen: OWN_WORKSPACE },
  { table: 'alert_notices', app: 'select, update', seen: `${OWN_WORKSPACE} or ${OWN_PERSON}` },
  { table: 'alert_settings', app: 'select, insert, update', seen: OWN_WORKSPACE },
  { table: 'alert_preferences', app: 'select, insert, update', seen: OWN_WORKSPACE },
];

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const { table, app, seen } of TABLES) {
    await fence(db, roles, { table, seen, written: OWN_WORKSPACE, forLedger: true });
    if (!roles) continue;
    await run(`grant ${app} on ${table} to scrip_app`);
    await run(`grant select, insert, update, delete on ${table} to scrip_ledger`);
    await run(`grant select on ${table} to scrip_staff`);
  }
  if (!roles) return;
  await run(`grant select, update on alert_progress to scrip_ledger`);
  await run(`grant select on alert_progress to scrip_staff`);
  // Whom the jobs write to. What people sign in with they do not see.
  await run(`grant select (id, email, name, time_zone, locale, deactivated_at)
    on people to scrip_ledger`);
}
