import { type Kysely, sql } from 'kysely';
import { OWN_PERSON, OWN_WORKSPACE, haveRoles } from './access.ts';

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
  await sql`
    create table welcome_givings (
      hash text primary key,
      kind text not null constraint welcome_givings_kind_is_known
        check (kind in ('mailbox', 'google')),
      given_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table welcome_givings is
    'Who had the welcome credits, as SHA-256 and without saying who: it outlives the account'`.execute(
    db,
  );
  await sql`
    create table welcome_arrivals (
      id uuid primary key,
      address_block text not null,
      at timestamptz not null default now()
    )`.execute(db);
  await sql`create index welcome_arrivals_by_block on welcome_arrivals (address_block, at)`.execute(
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

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const [table, seen] of [
    ['milestones', OWN_WORKSPACE],
    ['welcome_claims', `${OWN_WORKSPACE} or ${OWN_PERSON}`],
  ] as const) {
    await run(`alter table ${table} enable row level security`);
    if (roles) {
      await run(`create policy ${table}_of_own_workspace on ${table} to scrip_app
        using (${seen}) with check (${OWN_WORKSPACE})`);
      await run(
        `create policy ${table}_for_staff on ${table} for select to scrip_staff using (true)`,
      );
    } else {
      await run(`alter table ${table} force row level security`);
      await run(`create policy ${table}_of_own_workspace on ${table}
        using (${seen} or current_setting('scrip.role', true) in ('ledger', 'staff'))
        with check (${OWN_WORKSPACE})`);
    }
  }
  if (!roles) return;
  await run('grant select, insert on milestones, welcome_givings, welcome_arrivals to scrip_app');
  await run('grant select, insert, update on welcome_claims to scrip_app');
  await run('grant select, update on welcome_campaigns, milestone_progress to scrip_app');
  await run(`grant select on welcome_claims, welcome_campaigns, milestones, milestone_progress,
    welcome_givings, welcome_arrivals to scrip_staff`);
}
