import { type Kysely, sql } from 'kysely';

/** What is sold and what it costs to use: the seller's own data, the same for all customers. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table plans (
      id uuid primary key,
      code text not null constraint plans_have_one_code unique,
      name text not null,
      credits bigint constraint plans_credits_are_positive check (credits > 0),
      unlimited boolean not null default false,
      rollover_cap bigint constraint plans_rollover_cap_is_not_negative check (rollover_cap >= 0),
      trial_days integer not null default 0 constraint plans_trial_is_not_negative check (trial_days >= 0),
      limits jsonb not null default '{}',
      position integer not null default 0,
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint plans_give_credits_or_are_unlimited check ((credits is null) = unlimited)
    )`.execute(db);
  await sql`
    create table plan_prices (
      id uuid primary key,
      plan_id uuid not null references plans,
      period text not null constraint plan_prices_period_is_known check (period in ('month', 'year')),
      currency text not null constraint plan_prices_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      price_minor bigint not null constraint plan_prices_are_not_negative check (price_minor >= 0),
      version integer not null,
      stripe_price_id text,
      valid_from timestamptz not null default now(),
      constraint plan_prices_have_one_row_per_version unique (plan_id, period, currency, version)
    )`.execute(db);

  await sql`
    create table operations (
      code text primary key constraint operations_code_is_dotted_lower_case
        check (code ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$' and length(code) <= 100),
      name text not null,
      description text not null default '',
      unit text not null,
      position integer not null default 0,
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table price_rules (
      id uuid primary key,
      operation text not null references operations,
      plan_id uuid references plans,
      workspace_id uuid references workspaces,
      version integer not null constraint price_rules_versions_start_at_one check (version >= 1),
      valid_from timestamptz not null,
      components jsonb not null,
      made_by text not null,
      created_at timestamptz not null default now(),
      constraint price_rules_are_for_a_plan_or_a_workspace check (plan_id is null or workspace_id is null),
      constraint price_rules_have_one_row_per_version
        unique nulls not distinct (operation, plan_id, workspace_id, version)
    )`.execute(db);
  await sql`comment on table price_rules is
    'Versions are never edited: a change is the next version, valid from a time'`.execute(db);
  await sql`comment on column price_rules.components is
    'what core/price-rules.ts reads; prices in 10^-12 credit per unit, as strings'`.execute(db);

  await sql`
    create table packages (
      id uuid primary key,
      code text not null constraint packages_have_one_code unique,
      name text not null,
      credits bigint not null constraint packages_credits_are_positive check (credits > 0),
      bonus bigint not null default 0 constraint packages_bonus_is_not_negative check (bonus >= 0),
      expires_after_days integer constraint packages_expire_after_a_day_or_more check (expires_after_days > 0),
      bonus_expires_after_days integer constraint packages_bonus_expires_after_a_day_or_more
        check (bonus_expires_after_days > 0),
      popular boolean not null default false,
      position integer not null default 0,
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table package_prices (
      package_id uuid not null references packages,
      currency text not null constraint package_prices_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      price_minor bigint not null constraint package_prices_are_positive check (price_minor > 0),
      primary key (package_id, currency)
    )`.execute(db);
}
