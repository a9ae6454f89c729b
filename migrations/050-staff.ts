import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * What the staff may do alone, what waits until somebody else approves, and the domains whose
 * addresses get no welcome credits at once.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await limits(db);
  await requests(db);
  await sql`
    create table blocked_domains (
      domain text primary key constraint blocked_domains_are_written_small
        check (domain ~ '^([a-z0-9-]+\\.)+[a-z0-9-]+$'),
      reason text not null,
      made_by uuid not null references people,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table blocked_domains is
    'Whose addresses the welcome guard leaves to the staff, with all domains below them'`.execute(
    db,
  );
  await sql`create index audit_events_by_action on audit_events (action, id)`.execute(db);
  await giveAccess(db);
}

async function limits(db: Kysely<never>): Promise<void> {
  await sql`
    create table staff_limits (
      singleton boolean primary key default true constraint staff_limits_are_one check (singleton),
      small_credits bigint not null default 100000000
        constraint staff_limits_small_credits_are_not_negative check (small_credits >= 0),
      credits bigint default 10000000000
        constraint staff_limits_credits_are_not_negative check (credits >= 0),
      money jsonb not null
        default '{"USD": "100000", "EUR": "100000", "GBP": "80000", "INR": "8000000"}'
    )`.execute(db);
  await sql`comment on table staff_limits is
    'What one of the staff may move in 24 hours before somebody else has to approve'`.execute(db);
  await sql`comment on column staff_limits.small_credits is
    'in micro-credits, of support and finance'`.execute(db);
  await sql`comment on column staff_limits.credits is
    'in micro-credits, of admins; null: there is no limit'`.execute(db);
  await sql`comment on column staff_limits.money is
    'what is given back of payments, in minor units by currency; one that is not there has no limit'`.execute(
    db,
  );
  await sql`insert into staff_limits default values`.execute(db);
}

async function requests(db: Kysely<never>): Promise<void> {
  await sql`
    create table staff_requests (
      id uuid primary key,
      workspace_id uuid references workspaces,
      kind text not null constraint staff_requests_kind_is_known
        check (kind in ('grant', 'deduct', 'bulk_grant', 'refund')),
      subject_id uuid not null,
      amount bigint not null constraint staff_requests_amount_is_positive check (amount > 0),
      currency text,
      credits_expire_at timestamptz,
      reason text not null,
      state text not null constraint staff_requests_state_is_known
        check (state in ('waiting', 'done', 'refused')),
      asked_by uuid not null references people,
      nonce uuid not null,
      decided_by uuid references people
        constraint staff_requests_are_approved_by_somebody_else
        check (state <> 'done' or decided_by <> asked_by),
      decided_at timestamptz,
      decision_reason text,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      constraint staff_requests_of_one_form_are_one unique (asked_by, nonce),
      constraint staff_requests_are_of_a_workspace_or_many
        check ((workspace_id is null) = (kind = 'bulk_grant')),
      constraint staff_requests_of_money_have_a_currency
        check ((currency is not null) = (kind = 'refund')),
      constraint staff_requests_wait_until_they_expire
        check (state = 'done' or expires_at is not null)
    )`.execute(db);
  await sql`comment on column staff_requests.subject_id is
    'the wallet, the payment, or the file of many grants'`.execute(db);
  await sql`comment on column staff_requests.amount is
    'in micro-credits, or of a refund in minor units'`.execute(db);
  await sql`comment on column staff_requests.credits_expire_at is
    'of a grant: when its credits expire; null: never'`.execute(db);
  await sql`comment on column staff_requests.decided_by is
    'null and done: it was carried out at once'`.execute(db);
  await sql`comment on column staff_requests.expires_at is
    'nobody can approve it any more; null: it was carried out at once'`.execute(db);
  await sql`create index staff_requests_by_asker on staff_requests (asked_by, created_at)`.execute(
    db,
  );
  await sql`create index staff_requests_that_wait on staff_requests (created_at)
    where state = 'waiting'`.execute(db);
  await sql`create index staff_requests_by_subject on staff_requests (subject_id, id)`.execute(db);
}

/** A request is of its workspace, and of the person of the staff who asked. */
const SEEN = `workspace_id is null or ${OWN_WORKSPACE}
  or asked_by = nullif(current_setting('scrip.person_id', true), '')::uuid`;

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await fence(db, roles, { table: 'staff_requests', seen: SEEN, forLedger: false });
  if (!roles) return;
  await run(`grant select, insert, update on staff_requests to scrip_app`);
  await run(`grant select, update on staff_limits to scrip_app`);
  await run(`grant select, insert, delete on blocked_domains to scrip_app`);
  await run(`grant select on staff_requests, staff_limits, blocked_domains to scrip_staff`);
}
