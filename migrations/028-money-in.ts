import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * What Stripe knows a workspace as, money that goes back, and money that is disputed. A refund is a
 * payment of its own type, beside the one that it gives back.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table stripe_customers (
      workspace_id uuid not null references workspaces,
      provider text not null constraint stripe_customers_provider_is_known
        check (provider in ('stripe', 'simulated')),
      livemode boolean not null,
      customer_id text constraint stripe_customers_are_of_one_workspace unique,
      deletions integer not null default 0,
      payment_method_id text,
      card jsonb,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (workspace_id, provider, livemode),
      constraint stripe_customers_show_the_card_that_is_kept
        check ((payment_method_id is null) = (card is null)),
      constraint stripe_customers_have_cards_while_they_are_there
        check (payment_method_id is null or customer_id is not null)
    )`.execute(db);
  await sql`comment on column stripe_customers.payment_method_id is
    'the card that may be charged when nobody is there; card is what people know of it'`.execute(
    db,
  );
  await sql`comment on column stripe_customers.deletions is
    'how often somebody deleted the customer at Stripe; part of the idempotency key with which the next is made'`.execute(
    db,
  );
  await sql`alter table workspaces drop column stripe_customer_id`.execute(db);
  await refunds(db);
  await disputes(db);
  await giveAccess(db);
}

async function refunds(db: Kysely<never>): Promise<void> {
  await sql`
    alter table payments
      add column charge_refunded_minor bigint not null default 0
        constraint payments_charge_refunds_are_not_negative check (charge_refunded_minor >= 0),
      add column stripe_refund_id text constraint payments_have_one_stripe_refund unique,
      add column reason text,
      add column made_by uuid references people,
      add column tries integer not null default 0,
      add column next_try_at timestamptz,
      add constraint payments_of_type_refund_have_a_parent
        check ((type = 'refund') = (parent_payment_id is not null))`.execute(db);
  await sql`create index payments_by_parent on payments (parent_payment_id)
    where parent_payment_id is not null`.execute(db);
  await sql`create index payments_to_ask_for on payments (next_try_at)
    where next_try_at is not null`.execute(db);
  await sql`comment on column payments.charge_refunded_minor is
    'the most that a charge said was refunded of it; refunded_minor is what follows from this and from each refund that is known'`.execute(
    db,
  );
  await sql`comment on column payments.next_try_at is
    'when Stripe is to be asked for what this row says; while it is asked, when it is tried again if nobody says what came of it'`.execute(
    db,
  );
}

async function disputes(db: Kysely<never>): Promise<void> {
  await sql`
    create table disputes (
      id text primary key,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      payment_id uuid not null references payments,
      status text not null constraint disputes_status_is_known
        check (status in ('warning', 'open', 'won', 'lost')),
      amount_minor bigint not null constraint disputes_are_not_negative check (amount_minor >= 0),
      currency text not null,
      reason text not null,
      evidence_due_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index disputes_by_payment on disputes (payment_id)`.execute(db);
  await sql`comment on column disputes.status is
    'a warning asks for nothing back yet; an open one has taken the money, won gives it back, lost keeps it'`.execute(
    db,
  );
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of ['stripe_customers', 'disputes']) {
    await fence(db, roles, { table, seen: OWN_WORKSPACE, forLedger: true });
    if (!roles) continue;
    await run(`grant select, insert, update on ${table} to scrip_app`);
    await run(`grant select on ${table} to scrip_staff, scrip_ledger`);
  }
}
