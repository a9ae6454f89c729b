import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * What a subscription is at Stripe, what it has granted and for which payment, what was asked of it,
 * and who has had a trial.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await plans(db);
  await subscriptions(db);
  await changes(db);
  await grants(db);
  await trials(db);
  await giveAccess(db);
}

async function plans(db: Kysely<never>): Promise<void> {
  await sql`
    alter table plans add column grace_days integer not null default 7
      constraint plans_grace_is_not_negative check (grace_days >= 0)`.execute(db);
  await sql`comment on column plans.credits is
    'each month; a year is paid for and granted at once, twelve times as much'`.execute(db);
  await sql`comment on column plans.rollover_cap is
    'how much of what a period leaves over is granted again with the next one'`.execute(db);
  await sql`comment on column plans.grace_days is
    'so long an unlimited plan goes on after its period when the next one is not paid'`.execute(db);
  // Prices at Stripe are found by the lookup key scrip_<id of the row>.
  await sql`alter table plan_prices drop column stripe_price_id`.execute(db);
}

async function subscriptions(db: Kysely<never>): Promise<void> {
  await sql`
    alter table subscriptions
      add column provider text not null default 'none' constraint subscriptions_provider_is_known
        check (provider in ('stripe', 'simulated', 'none')),
      add column person_id uuid references people,
      add column order_key text,
      add column checkout_session_id text
        constraint subscriptions_have_one_checkout_session unique,
      add column checkout_url text,
      add column checkout_tries integer not null default 1,
      add column stripe_item_id text,
      add column state_at timestamptz,
      add column anchor_at timestamptz,
      add column next_plan_price_id uuid references plan_prices,
      add column past_due_at timestamptz,
      add column open_invoice_url text,
      add column ended_at timestamptz,
      add constraint subscriptions_are_ordered_once unique (workspace_id, order_key),
      add constraint subscriptions_end_at_a_time check ((status = 'cancelled') = (ended_at is not null))`.execute(
    db,
  );
  await sql`create unique index subscriptions_are_one_at_a_time on subscriptions (workspace_id)
    where status in ('trialing', 'active', 'past_due')`.execute(db);
  await sql`create unique index subscriptions_are_begun_one_at_a_time on subscriptions (workspace_id)
    where status = 'incomplete'`.execute(db);
  await sql`create index subscriptions_to_renew on subscriptions (current_period_ends_at)
    where provider = 'none' and status = 'active'`.execute(db);
  await sql`comment on column subscriptions.provider is
    'none: the plan costs nothing, and a job grants its periods'`.execute(db);
  await sql`comment on column subscriptions.plan_price_id is
    'what the running period was paid by; the next one is paid by next_plan_price_id where that is set'`.execute(
    db,
  );
  await sql`comment on column subscriptions.anchor_at is
    'where the periods of a plan that costs nothing are counted from'`.execute(db);
  await sql`comment on column subscriptions.state_at is
    'when Stripe made the event that told the state: what was made before tells nothing any more'`.execute(
    db,
  );
}

async function changes(db: Kysely<never>): Promise<void> {
  await sql`
    create table subscription_changes (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      subscription_id uuid not null references subscriptions,
      kind text not null constraint subscription_changes_kind_is_known
        check (kind in ('upgrade', 'downgrade', 'keep', 'cancel', 'resume', 'end_trial')),
      from_plan_price_id uuid not null references plan_prices,
      to_plan_price_id uuid not null references plan_prices,
      prorated_at timestamptz,
      person_id uuid references people,
      state text not null default 'asked' constraint subscription_changes_state_is_known
        check (state in ('asked', 'done', 'refused')),
      note text,
      tries integer not null default 0,
      next_try_at timestamptz default now(),
      created_at timestamptz not null default now(),
      constraint subscription_changes_are_tried_while_asked
        check ((state = 'asked') = (next_try_at is not null)),
      constraint subscription_upgrades_are_prorated
        check ((kind = 'upgrade') = (prorated_at is not null))
    )`.execute(db);
  await sql`create unique index subscription_changes_are_asked_one_at_a_time
    on subscription_changes (subscription_id) where state = 'asked'`.execute(db);
  await sql`create index subscription_changes_to_ask_for on subscription_changes (next_try_at)
    where state = 'asked'`.execute(db);
  await sql`comment on table subscription_changes is
    'What Stripe is asked to change, written down before it is asked: the id is the key of the request'`.execute(
    db,
  );
}

async function grants(db: Kysely<never>): Promise<void> {
  await sql`
    create table plan_grants (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      subscription_id uuid not null references subscriptions,
      plan_id uuid not null references plans,
      kind text not null constraint plan_grants_kind_is_known
        check (kind in ('trial', 'period', 'upgrade', 'rollover')),
      starts_at timestamptz not null,
      ends_at timestamptz not null,
      credits bigint constraint plan_grants_are_not_negative check (credits >= 0),
      entry_seq bigint,
      payment_id uuid constraint plan_grants_are_one_a_payment unique references payments,
      change_id uuid constraint plan_grants_are_one_a_change unique references subscription_changes,
      created_at timestamptz not null default now(),
      constraint plan_grants_are_once_a_period unique (subscription_id, kind, starts_at),
      constraint plan_grants_last_some_time check (ends_at > starts_at),
      constraint plan_grants_of_credits_have_an_entry
        check ((coalesce(credits, 0) > 0) = (entry_seq is not null)),
      constraint plan_grants_of_upgrades_have_a_change
        check ((kind = 'upgrade') = (change_id is not null))
    )`.execute(db);
  await sql`create index plan_grants_by_wallet on plan_grants (wallet_id)`.execute(db);
  await sql`create index plan_grants_by_end on plan_grants (ends_at) where kind = 'period'`.execute(
    db,
  );
  await sql`comment on column plan_grants.credits is
    'null: the plan is unlimited, and nothing was granted'`.execute(db);
  await sql`comment on column plan_grants.entry_seq is
    'the entry of the wallet that granted the credits as a lot'`.execute(db);
  await sql`
    alter table payments add column stripe_invoice_id text
      constraint payments_have_one_stripe_invoice unique`.execute(db);
}

async function trials(db: Kysely<never>): Promise<void> {
  await sql`
    create table trials (
      subscription_id uuid primary key references subscriptions,
      workspace_id uuid not null references workspaces,
      person_id uuid not null references people,
      card_fingerprint text,
      state text not null default 'checking' constraint trials_state_is_known
        check (state in ('checking', 'granted', 'refused')),
      next_try_at timestamptz default now(),
      created_at timestamptz not null default now(),
      constraint trials_are_looked_at_while_checking
        check ((state = 'checking') = (next_try_at is not null)),
      constraint trials_are_granted_on_a_card check (state <> 'granted' or card_fingerprint is not null)
    )`.execute(db);
  await sql`create unique index trials_are_once_a_person on trials (person_id)
    where state <> 'refused'`.execute(db);
  await sql`create unique index trials_are_once_a_card on trials (card_fingerprint)
    where state <> 'refused'`.execute(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of ['subscription_changes', 'plan_grants', 'trials']) {
    await fence(db, roles, { table, seen: OWN_WORKSPACE, forLedger: true });
    if (!roles) continue;
    await run(`grant select, insert, update on ${table} to scrip_app`);
    await run(`grant select on ${table} to scrip_staff, scrip_ledger`);
  }
}
