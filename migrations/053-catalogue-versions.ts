import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

const NEVER_CHANGED = [
  ...['package_versions', 'package_prices', 'plan_versions', 'plan_prices'],
  'catalogue_versions',
];

/*
 * What is sold is changed by versions: none is ever edited, a change is the next one, valid from a
 * time. What was ordered or subscribed to keeps the version that it was sold by.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await packages(db);
  await plans(db);
  await documents(db);
  // Whoever changes one of these says which state of it they have seen.
  await sql`alter table operations add column version integer not null default 1`.execute(db);
  await sql`alter table promo_codes add column version integer not null default 1`.execute(db);
  for (const table of NEVER_CHANGED) await refuseChanges(db, table);
  await giveAccess(db);
}

async function packages(db: Kysely<never>): Promise<void> {
  await sql`
    create table package_versions (
      package_id uuid not null references packages,
      version integer not null constraint package_versions_start_at_one check (version >= 1),
      valid_from timestamptz not null,
      name text not null,
      credits bigint not null constraint package_versions_credits_are_positive check (credits > 0),
      bonus bigint not null constraint package_versions_bonus_is_not_negative check (bonus >= 0),
      expires_after_days integer
        constraint package_versions_expire_after_a_day_or_more check (expires_after_days > 0),
      bonus_expires_after_days integer
        constraint package_versions_bonus_expires_after_a_day_or_more
        check (bonus_expires_after_days > 0),
      popular boolean not null,
      position integer not null,
      active boolean not null,
      made_by text not null,
      created_at timestamptz not null default now(),
      primary key (package_id, version)
    )`.execute(db);
  await sql`
    insert into package_versions
    select id, 1, created_at, name, credits, bonus, expires_after_days, bonus_expires_after_days,
      popular, position, active, made_by, created_at
    from packages`.execute(db);
  await sql`
    alter table packages
      drop column name, drop column credits, drop column bonus, drop column expires_after_days,
      drop column bonus_expires_after_days, drop column popular, drop column position,
      drop column active, drop column updated_at`.execute(db);
  await sql`
    alter table package_prices
      add column version integer not null default 1,
      drop constraint package_prices_pkey,
      drop constraint package_prices_package_id_fkey,
      add primary key (package_id, version, currency),
      add constraint package_prices_are_of_a_version
        foreign key (package_id, version) references package_versions`.execute(db);
  await sql`alter table package_prices alter column version drop default`.execute(db);
}

async function plans(db: Kysely<never>): Promise<void> {
  await sql`
    create table plan_versions (
      plan_id uuid not null references plans,
      version integer not null constraint plan_versions_start_at_one check (version >= 1),
      valid_from timestamptz not null,
      name text not null,
      credits bigint constraint plan_versions_credits_are_positive check (credits > 0),
      unlimited boolean not null,
      rollover_cap bigint
        constraint plan_versions_rollover_cap_is_not_negative check (rollover_cap >= 0),
      trial_days integer not null
        constraint plan_versions_trial_is_not_negative check (trial_days >= 0),
      grace_days integer not null
        constraint plan_versions_grace_is_not_negative check (grace_days >= 0),
      limits jsonb not null,
      position integer not null,
      active boolean not null,
      made_by text not null,
      created_at timestamptz not null default now(),
      primary key (plan_id, version),
      constraint plan_versions_give_credits_or_are_unlimited check ((credits is null) = unlimited)
    )`.execute(db);
  await sql`comment on column plan_versions.credits is
    'each month; a year is paid for and granted at once, twelve times as much'`.execute(db);
  await sql`comment on column plan_versions.rollover_cap is
    'how much of what a period leaves over is granted again with the next one'`.execute(db);
  await sql`comment on column plan_versions.grace_days is
    'so long an unlimited plan goes on after its period when the next one is not paid'`.execute(db);
  await sql`alter table plan_prices add column plan_version integer`.execute(db);
  // Prices that a later one has replaced are of an older version of their plan.
  await sql`
    with replaced as (
      select id, plan_id from plan_prices r where exists (
        select from plan_prices newer where newer.plan_id = r.plan_id and newer.period = r.period
          and newer.currency = r.currency and newer.version > r.version))
    update plan_prices r set plan_version = case
      when r.id in (select id from replaced) then 1
      when r.plan_id in (select plan_id from replaced) then 2 else 1 end`.execute(db);
  await sql`
    insert into plan_versions
    select p.id, v.version, v.valid_from, p.name, p.credits, p.unlimited, p.rollover_cap,
      p.trial_days, p.grace_days, p.limits, p.position, p.active, p.made_by, p.created_at
    from plans p, lateral (
      select 1 as version, p.created_at as valid_from
      union all
      select 2, max(valid_from) from plan_prices where plan_id = p.id and plan_version = 2
      having count(*) > 0) v`.execute(db);
  await sql`
    alter table plan_prices
      alter column plan_version set not null,
      drop column valid_from,
      add constraint plan_prices_are_of_a_version
        foreign key (plan_id, plan_version) references plan_versions`.execute(db);
  await sql`comment on column plan_prices.plan_version is
    'what is bought by this price: who has it keeps it when the plan is changed'`.execute(db);
  await sql`
    alter table plans
      drop column name, drop column credits, drop column unlimited, drop column rollover_cap,
      drop column trial_days, drop column grace_days, drop column limits, drop column position,
      drop column active, drop column updated_at`.execute(db);
}

async function documents(db: Kysely<never>): Promise<void> {
  await sql`
    create table catalogue_versions (
      kind text not null constraint catalogue_versions_kind_is_known check (kind in
        ('welcome', 'step', 'completion', 'achievement', 'alert_defaults', 'benchmark')),
      code text not null,
      version integer not null constraint catalogue_versions_start_at_one check (version >= 1),
      valid_from timestamptz not null,
      active boolean not null,
      content jsonb not null,
      made_by text not null,
      created_at timestamptz not null default now(),
      primary key (kind, code, version)
    )`.execute(db);
  await sql`comment on table catalogue_versions is
    'What is given to whoever is new, and what is said of balances; the content of each kind is read by the feature that it is of'`.execute(
    db,
  );
  await sql`
    create table alert_default_progress (
      singleton boolean primary key default true
        constraint alert_default_progress_is_one check (singleton),
      version integer not null default 1,
      last_wallet_id uuid
    )`.execute(db);
  await sql`comment on column alert_default_progress.version is
    'of the alert defaults by which wallets are watched whose workspaces have chosen nothing; the first says what was said before'`.execute(
    db,
  );
  await sql`comment on column alert_default_progress.last_wallet_id is
    'while they are looked at by the next version: up to this one'`.execute(db);
  await sql`insert into alert_default_progress default values`.execute(db);
  await sql`
    create table preset_versions (
      preset text not null,
      version integer not null,
      kept text[] not null,
      applied_at timestamptz not null default now(),
      primary key (preset, version)
    )`.execute(db);
  await sql`comment on column preset_versions.kept is
    'what somebody had changed, so that this version of the preset left it alone'`.execute(db);
}

async function refuseChanges(db: Kysely<never>, table: string): Promise<void> {
  await sql
    .raw(
      `create trigger ${table}_are_never_changed before update or delete or truncate on ${table}
       for each statement execute function refuse_change()`,
    )
    .execute(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  if (!(await haveRoles(db))) return;
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const tables = 'package_versions, plan_versions, catalogue_versions, preset_versions';
  await run(`grant select, insert on ${tables} to scrip_app`);
  await run(`grant select on ${tables} to scrip_staff`);
  await run('grant select on catalogue_versions to scrip_ledger');
  await run('grant select, update on alert_default_progress to scrip_ledger');
  await run('grant select on alert_default_progress to scrip_staff');
  await run('revoke update on packages, package_prices, plans, plan_prices from scrip_app');
  await run('revoke delete on package_prices from scrip_app');
}
