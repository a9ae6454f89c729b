import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/** What a business says of itself, for products that write in its name. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table business_profiles (
      workspace_id uuid primary key references workspaces,
      industry text not null default '',
      about text not null default '',
      brand_voice text constraint business_profiles_brand_voice_is_known
        check (brand_voice in ('professional', 'casual', 'friendly')),
      customer_roles text not null default '',
      customer_companies text not null default '',
      customer_places text not null default '',
      customer_needs text not null default '',
      updated_at timestamptz not null default now(),
      constraint business_profiles_are_short check (length(industry) <= 60
        and greatest(length(about), length(customer_roles), length(customer_companies),
          length(customer_places), length(customer_needs)) <= 500)
    )`.execute(db);
  await sql`comment on table business_profiles is
    'customer_… is whom the business wants to sell to: its ideal customer'`.execute(db);
  await sql`
    create table marketing_goals (
      workspace_id uuid not null references business_profiles,
      id uuid not null,
      title text not null constraint marketing_goals_have_a_title
        check (length(title) between 1 and 120),
      measure text not null default ''
        constraint marketing_goals_measure_is_short check (length(measure) <= 40),
      target bigint not null constraint marketing_goals_target_is_positive check (target > 0),
      reached bigint not null default 0
        constraint marketing_goals_reached_is_not_negative check (reached >= 0),
      position integer not null,
      primary key (workspace_id, id)
    )`.execute(db);
  await sql`comment on column marketing_goals.measure is
    'what is counted up to the target; empty with a target of 1: it is ticked'`.execute(db);
  await sql`
    alter table catalogue_versions drop constraint catalogue_versions_kind_is_known`.execute(db);
  await sql`
    alter table catalogue_versions add constraint catalogue_versions_kind_is_known check (kind in
      ('welcome', 'step', 'completion', 'achievement', 'alert_defaults', 'benchmark',
       'own_amount', 'referral', 'industry'))`.execute(db);

  const roles = await haveRoles(db);
  for (const table of ['business_profiles', 'marketing_goals']) {
    await fence(db, roles, { table, seen: OWN_WORKSPACE, forLedger: false });
  }
  if (!roles) return;
  await sql`grant select, insert, update, delete on business_profiles, marketing_goals
    to scrip_app`.execute(db);
  await sql`grant select on business_profiles, marketing_goals to scrip_staff`.execute(db);
}
