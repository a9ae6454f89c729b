import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table subscriptions (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      plan_id uuid not null references plans,
      plan_price_id uuid not null references plan_prices,
      status text not null constraint subscriptions_status_is_known
        check (status in ('incomplete', 'trialing', 'active', 'past_due', 'cancelled')),
      livemode boolean not null,
      stripe_subscription_id text constraint subscriptions_have_one_stripe_subscription unique,
      current_period_starts_at timestamptz,
      current_period_ends_at timestamptz,
      cancel_at_period_end boolean not null default false,
      trial_ends_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index subscriptions_by_workspace on subscriptions (workspace_id)`.execute(db);

  await sql`
    create table payments (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      person_id uuid references people,
      order_key text not null,
      type text not null constraint payments_type_is_known
        check (type in ('credit_purchase', 'subscription', 'refund')),
      status text not null constraint payments_status_is_known
        check (status in ('pending', 'completed', 'failed', 'cancelled', 'refunded', 'disputed')),
      provider text not null constraint payments_provider_is_known
        check (provider in ('stripe', 'simulated', 'transfer')),
      livemode boolean not null,
      subtotal_minor bigint not null constraint payments_subtotal_is_not_negative check (subtotal_minor >= 0),
      discount_minor bigint not null default 0 constraint payments_discount_is_not_negative check (discount_minor >= 0),
      tax_minor bigint not null default 0 constraint payments_tax_is_not_negative check (tax_minor >= 0),
      total_minor bigint not null constraint payments_total_is_not_negative check (total_minor >= 0),
      refunded_minor bigint not null default 0,
      currency text not null constraint payments_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      package_id uuid references packages,
      subscription_id uuid references subscriptions,
      parent_payment_id uuid references payments,
      catalogue jsonb not null,
      checkout_session_id text constraint payments_have_one_checkout_session unique,
      checkout_url text,
      checkout_tries integer not null default 1,
      payment_intent_id text constraint payments_have_one_payment_intent unique,
      failure text,
      created_at timestamptz not null default now(),
      completed_at timestamptz,
      updated_at timestamptz not null default now(),
      constraint payments_are_ordered_once unique (workspace_id, order_key),
      constraint payments_add_up check (total_minor = subtotal_minor - discount_minor + tax_minor),
      constraint payments_refund_no_more_than_was_paid check (refunded_minor between 0 and total_minor),
      constraint payments_are_complete_from_a_time
        check (status not in ('completed', 'refunded', 'disputed') or completed_at is not null)
    )`.execute(db);
  await sql`create index payments_by_workspace on payments (workspace_id, id)`.execute(db);
  await sql`create index payments_pending on payments (created_at) where status = 'pending'`.execute(
    db,
  );
  await sql`comment on column payments.order_key is
    'the form''s nonce and what was chosen: an order sent twice is one payment'`.execute(db);
  await sql`comment on column payments.checkout_tries is
    'part of the idempotency key towards Stripe, which repeats an error of its own under the same key'`.execute(
    db,
  );
  await sql`comment on column payments.catalogue is
    'what was sold, as it stood when it was ordered'`.execute(db);

  await sql`
    create table stripe_events (
      id text primary key,
      type text not null,
      livemode boolean not null,
      object_id text,
      payment_id uuid,
      state text not null constraint stripe_events_state_is_known
        check (state in ('done', 'ignored', 'flagged')),
      note text,
      body jsonb not null,
      created_at timestamptz not null,
      received_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index stripe_events_by_object on stripe_events (object_id)`.execute(db);
  await sql`create index stripe_events_by_payment on stripe_events (payment_id)`.execute(db);
  await sql`create index stripe_events_flagged on stripe_events (received_at) where state = 'flagged'`.execute(
    db,
  );
}
