import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/*
 * What was asked of Stripe afterwards, and what came of it: runs, and what each day came to on both
 * sides. They are about all workspaces, and hold no more of one than ids and sums.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table reconciliations (
      id uuid primary key,
      provider text not null constraint reconciliations_provider_is_known
        check (provider in ('stripe', 'simulated')),
      livemode boolean not null,
      state text not null constraint reconciliations_state_is_known
        check (state in ('asked', 'running', 'done', 'failed')),
      asked_by uuid references people,
      since timestamptz,
      started_at timestamptz,
      heard_at timestamptz,
      finished_at timestamptz,
      looked_at integer not null default 0,
      changed integer not null default 0,
      findings jsonb not null default '[]',
      agrees boolean,
      failure text,
      created_at timestamptz not null default now(),
      constraint reconciliations_are_over_at_a_moment
        check ((finished_at is not null) = (state in ('done', 'failed'))),
      constraint reconciliations_that_are_done_say_whether_all_agrees
        check ((agrees is not null) = (state = 'done')),
      constraint reconciliations_fail_for_a_reason check ((failure is not null) = (state = 'failed'))
    )`.execute(db);
  // Whoever begins a run while another is under way is refused by this.
  await sql`create unique index reconciliations_are_one_at_a_time
    on reconciliations (provider, livemode) where finished_at is null`.execute(db);
  await sql`create index reconciliations_newest on reconciliations (provider, livemode, started_at)`.execute(
    db,
  );
  await sql`comment on column reconciliations.since is
    'what Stripe made from then on was looked at; the next run begins some time before started_at'`.execute(
    db,
  );
  await sql`comment on column reconciliations.heard_at is
    'the last sign of life of the process that runs it; one that is silent for long is given up'`.execute(
    db,
  );
  await sql`comment on column reconciliations.looked_at is 'objects of Stripe''s that are ours'`.execute(
    db,
  );
  await sql`comment on column reconciliations.changed is
    'objects that had an effect, which no webhook had brought'`.execute(db);
  await sql`comment on column reconciliations.findings is
    'what somebody has to look at: the object, the payment where it is known, and why'`.execute(db);
  await days(db);
  await giveAccess(db);
}

async function days(db: Kysely<never>): Promise<void> {
  await sql`
    create table reconciled_days (
      provider text not null,
      livemode boolean not null,
      day timestamptz not null,
      currency text not null,
      payments integer not null,
      taken_minor bigint not null,
      refunded_minor bigint not null,
      disputed_minor bigint not null,
      booked_minor bigint not null,
      booked_refunded_minor bigint not null,
      booked_disputed_minor bigint not null,
      sold_micro bigint not null,
      granted_micro bigint not null,
      differences jsonb not null,
      reconciliation_id uuid not null references reconciliations,
      primary key (provider, livemode, day, currency)
    )`.execute(db);
  await sql`comment on column reconciled_days.day is
    'its midnight in UTC, by when Stripe made the charge, refund or dispute'`.execute(db);
  await sql`comment on column reconciled_days.taken_minor is
    'what Stripe says; the columns that begin with booked are what our payments say of the same'`.execute(
    db,
  );
  await sql`comment on column reconciled_days.sold_micro is
    'credits that were sold for it; granted_micro those that its lots were made with'`.execute(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  if (!roles) return;
  await run(`grant select, insert, update on reconciliations, reconciled_days to scrip_app`);
  await run(`grant delete on reconciled_days to scrip_app`);
  await run(`grant select on reconciliations, reconciled_days to scrip_staff`);
}
