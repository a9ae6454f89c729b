import { type Kysely, sql } from 'kysely';
import { fence, haveRoles } from './access.ts';

/*
 * Where products are told of what happened to wallets, and what they were told. An endpoint without a
 * workspace is the seller's own and hears of all wallets: like a key of the service it is seen where
 * a transaction names no workspace.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await endpoints(db);
  await deliveries(db);
  await sql`comment on table ledger_outbox is
    'What somebody may want to be told, until it is handed on: what a wallet crossed, and which entries are news'`.execute(
    db,
  );
  await sql`alter table ledger_progress drop constraint ledger_progress_task_is_known`.execute(db);
  await sql`
    alter table ledger_progress add constraint ledger_progress_task_is_known
      check (task in ('verify', 'rollups', 'retention', 'expiring'))`.execute(db);
  await sql`insert into ledger_progress (task) values ('expiring')`.execute(db);
  await giveAccess(db);
}

async function endpoints(db: Kysely<never>): Promise<void> {
  await sql`
    create table webhook_endpoints (
      id uuid primary key,
      workspace_id uuid references workspaces,
      livemode boolean not null,
      url text not null constraint webhook_endpoints_url_is_not_too_long check (length(url) <= 2000),
      events text[] not null
        constraint webhook_endpoints_want_some_event check (cardinality(events) > 0),
      secret text not null,
      previous_secret text,
      previous_secret_until timestamptz,
      failures integer not null default 0
        constraint webhook_endpoints_failures_are_not_negative check (failures >= 0),
      failing_since timestamptz,
      paused_at timestamptz,
      paused_reason text constraint webhook_endpoints_paused_reason_is_known
        check (paused_reason in ('by_hand', 'failing', 'gone')),
      created_by uuid references people,
      created_at timestamptz not null default now(),
      constraint webhook_endpoints_have_one_url_each unique nulls not distinct (workspace_id, livemode, url),
      constraint webhook_endpoints_pause_for_a_reason check ((paused_at is null) = (paused_reason is null)),
      constraint webhook_endpoints_fail_since_a_moment check ((failures = 0) = (failing_since is null)),
      constraint webhook_endpoints_previous_secret_has_an_end
        check ((previous_secret is null) = (previous_secret_until is null))
    )`.execute(db);
  await sql`comment on column webhook_endpoints.failures is
    'attempts in a row that were not answered with success, since failing_since'`.execute(db);
  await sql`comment on column webhook_endpoints.previous_secret is
    'signs too until its end, so that a receiver can change to the new one in its own time'`.execute(
    db,
  );
}

async function deliveries(db: Kysely<never>): Promise<void> {
  await sql`
    create table webhook_deliveries (
      id uuid primary key,
      endpoint_id uuid not null references webhook_endpoints on delete cascade,
      workspace_id uuid,
      message_id text not null,
      type text not null,
      body text not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz,
      attempted_at timestamptz,
      status integer,
      answer text,
      error text,
      delivered_at timestamptz,
      created_at timestamptz not null default now(),
      constraint webhook_deliveries_are_one_a_message_and_endpoint unique (endpoint_id, message_id)
    )`.execute(db);
  await sql`create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at)
    where next_attempt_at is not null`.execute(db);
  await sql`create index webhook_deliveries_newest on webhook_deliveries (endpoint_id, id)`.execute(
    db,
  );
  await sql`comment on column webhook_deliveries.body is
    'what is sent, to the letter: its signature is made over this'`.execute(db);
  await sql`comment on column webhook_deliveries.next_attempt_at is
    'null when it was delivered or given up; while it is being sent, when it is tried again if nobody says what came of it'`.execute(
    db,
  );
  await sql`comment on column webhook_deliveries.answer is
    'the beginning of what the endpoint answered last'`.execute(db);
  await sql`comment on column webhook_deliveries.error is
    'why there was no answer to the last attempt'`.execute(db);
}

const TABLES = ['webhook_endpoints', 'webhook_deliveries'];
const OWN = `workspace_id is not distinct from nullif(current_setting('scrip.workspace_id', true), '')::uuid`;

/** The app sees those of its workspace, the ledger writes and sends for all, staff see no secrets. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of TABLES) {
    await fence(db, roles, { table, seen: OWN, forLedger: true });
    if (!roles) continue;
    await run(`grant select, insert, update, delete on ${table} to scrip_app, scrip_ledger`);
  }
  if (roles) {
    await run(`grant select on webhook_deliveries to scrip_staff`);
    await run(`grant select (id, workspace_id, livemode, url, events, failures, failing_since,
      paused_at, paused_reason, created_by, created_at) on webhook_endpoints to scrip_staff`);
  }
}
