import { type Kysely, sql } from 'kysely';

/**
 * What is given to whoever is new: the welcome credits, which farmers of accounts want too, and the
 * rewards of first steps and achievements.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table welcome_campaigns (
      singleton boolean primary key default true
        constraint welcome_campaigns_are_one check (singleton),
      budget bigint constraint welcome_campaigns_budget_is_not_negative check (budget >= 0),
      granted bigint not null default 0
        constraint welcome_campaigns_granted_is_not_negative check (granted >= 0)
    )`.execute(db);
  await sql`comment on column welcome_campaigns.budget is
    'the most that is given in all, in micro-credits; null: there is no end'`.execute(db);
  await sql`insert into welcome_campaigns default values`.execute(db);
  await sql`
    create table welcome_claims (
      workspace_id uuid primary key references workspaces,
      person_id uuid not null references people,
      state text not null constraint welcome_claims_state_is_known
        check (state in ('waiting', 'review', 'granted', 'refused')),
      reason text constraint welcome_claims_reason_is_known
        check (reason in ('mailbox', 'google', 'throw_away', 'block', 'budget', 'staff')),
      amount bigint not null constraint welcome_claims_amount_is_positive check (amount > 0),
      expires_after_days integer,
      mailbox_hash text not null,
      google_hash text,
      address_block text,
      decided_by uuid references people,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on column welcome_claims.mailbox_hash is
    'SHA-256 of the mailbox that the address leads to, which outlives the account'`.execute(db);
  await sql`create unique index welcome_claims_are_granted_once_to_a_mailbox
    on welcome_claims (mailbox_hash) where state = 'granted'`.execute(db);
  await sql`create unique index welcome_claims_are_granted_once_to_a_google_account
    on welcome_claims (google_hash) where state = 'granted'`.execute(db);
  await sql`create index welcome_claims_by_block on welcome_claims (address_block, created_at)`.execute(
    db,
  );
  await sql`create index welcome_claims_by_person on welcome_claims (person_id)`.execute(db);
  await sql`create index welcome_claims_in_review on welcome_claims (created_at)
    where state = 'review'`.execute(db);

  await sql`
    create table milestones (
      workspace_id uuid not null references workspaces,
      kind text not null constraint milestones_kind_is_known
        check (kind in ('step', 'achievement', 'completion')),
      code text not null,
      reward bigint not null constraint milestones_reward_is_not_negative check (reward >= 0),
      reached_at timestamptz not null default now(),
      primary key (workspace_id, kind, code)
    )`.execute(db);
  await sql`
    create table milestone_progress (
      singleton boolean primary key default true
        constraint milestone_progress_is_one check (singleton),
      done_until timestamptz
    )`.execute(db);
  await sql`insert into milestone_progress default values`.execute(db);
  await sql`alter table workspaces add column first_steps_left_at timestamptz`.execute(db);
  await giveAccess(db);
}

const OWN = `workspace_id = nullif(current_setting('scrip.workspace_id', true), '')::uuid`;

/** Claims are compared with those of everybody, so the app sees them all. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const found = await sql<{ usable: boolean }>`
    select count(*) = 3 as usable from pg_roles
    where rolname in ('scrip_app', 'scrip_ledger', 'scrip_staff')
      and pg_has_role(current_user, oid, 'member')`.execute(db);
  await run('alter table milestones enable row level security');
  if (found.rows[0]?.usable !== true) {
    await run('alter table milestones force row level security');
    await run(`create policy milestones_of_own_workspace on milestones
      using (${OWN} or current_setting('scrip.role', true) in ('ledger', 'staff'))
      with check (${OWN})`);
    return;
  }
  await run(`create policy milestones_of_own_workspace on milestones to scrip_app
    using (${OWN}) with check (${OWN})`);
  await run(
    'create policy milestones_for_staff on milestones for select to scrip_staff using (true)',
  );
  await run('grant select, insert on milestones to scrip_app');
  await run('grant select, insert, update on welcome_claims to scrip_app');
  await run('grant select, update on welcome_campaigns, milestone_progress to scrip_app');
  await run(
    'grant select on welcome_claims, welcome_campaigns, milestones, milestone_progress to scrip_staff',
  );
}
