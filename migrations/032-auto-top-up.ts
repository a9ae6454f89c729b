import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * Credits bought with a saved card when few are left: what somebody agreed to, in the words that
 * they saw, and on each payment which card it charges.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table auto_top_ups (
      workspace_id uuid primary key references workspaces,
      wallet_id uuid not null,
      provider text not null constraint auto_top_ups_provider_is_known
        check (provider in ('stripe', 'simulated')),
      livemode boolean not null,
      enabled boolean not null,
      below_micro bigint not null constraint auto_top_ups_mark_is_positive check (below_micro > 0),
      package_id uuid not null references packages,
      price_minor bigint not null constraint auto_top_ups_price_is_positive check (price_minor > 0),
      credits_micro bigint not null
        constraint auto_top_ups_credits_are_positive check (credits_micro > 0),
      currency text not null,
      monthly_limit_minor bigint not null constraint auto_top_ups_limit_is_for_one_package
        check (monthly_limit_minor >= price_minor),
      payment_method_id text not null,
      consent text not null,
      consented_at timestamptz not null,
      consented_by uuid not null references people,
      consent_ip inet,
      failures integer not null default 0
        constraint auto_top_ups_failures_are_not_negative check (failures >= 0),
      next_look_at timestamptz,
      stopped_at timestamptz,
      stopped_reason text constraint auto_top_ups_stopped_reason_is_known
        check (stopped_reason in ('turned_off', 'declined', 'not_confirmed', 'card_gone',
          'card_changed', 'offer_changed', 'disputed', 'refused')),
      updated_at timestamptz not null default now(),
      constraint auto_top_ups_say_why_they_stopped
        check (enabled = (stopped_at is null) and enabled = (stopped_reason is null))
    )`.execute(db);
  await sql`create index auto_top_ups_enabled on auto_top_ups (workspace_id) where enabled`.execute(
    db,
  );
  await sql`comment on column auto_top_ups.credits_micro is
    'what one package gives with its bonus; with price_minor as it was agreed to'`.execute(db);
  await sql`comment on column auto_top_ups.consent is
    'the sentence as it was shown to who ticked it'`.execute(db);
  await sql`comment on column auto_top_ups.payment_method_id is
    'the card that the sentence names; another one asks for consent anew'`.execute(db);
  await sql`comment on column auto_top_ups.failures is 'declined charges in a row'`.execute(db);
  await sql`comment on column auto_top_ups.next_look_at is
    'nothing is bought before: after a decline, or until the next month when the limit is reached'`.execute(
    db,
  );
  await sql`
    alter table payments
      add column auto_top_up boolean not null default false,
      add column payment_method_id text,
      add constraint payments_of_top_ups_name_their_card
        check (auto_top_up = (payment_method_id is not null))`.execute(db);
  await sql`create unique index payments_have_one_open_top_up on payments (wallet_id)
    where auto_top_up and status = 'pending'`.execute(db);
  await sql`create index payments_of_top_ups on payments (wallet_id, completed_at)
    where auto_top_up`.execute(db);
  await sql`comment on column payments.payment_method_id is
    'the saved card that is charged for it while nobody is there'`.execute(db);
  await giveAccess(db);
}

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await fence(db, roles, { table: 'auto_top_ups', seen: OWN_WORKSPACE, forLedger: true });
  if (!roles) return;
  await run(`grant select, insert, update on auto_top_ups to scrip_app`);
  await run(`grant select on auto_top_ups to scrip_staff, scrip_ledger`);
}
