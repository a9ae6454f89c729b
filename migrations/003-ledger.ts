import { type Kysely, sql } from 'kysely';

/*
 * Amounts are micro-credits, quantities 10^-6 of the operation's unit. Every key leads with
 * wallet_id, so that all of a wallet lives in one place on an engine that spreads tables. No
 * foreign keys between the hot tables: each would take a lock per row. Wallets, lots, holds and
 * counters keep what changes out of their indexes and leave room in each page, so that updates stay
 * in it (HOT). Entries are looked up by wallet and seq, or by wallet and key.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await wallets(db);
  await lotsAndHolds(db);
  await entries(db);
  await besideEntries(db);
}

async function wallets(db: Kysely<never>): Promise<void> {
  await sql`
    create table wallets (
      id uuid primary key,
      workspace_id uuid not null references workspaces,
      livemode boolean not null,
      available bigint not null default 0 constraint wallets_available_is_not_negative check (available >= 0),
      held bigint not null default 0 constraint wallets_held_is_not_negative check (held >= 0),
      debt bigint not null default 0 constraint wallets_debt_is_not_negative check (debt >= 0),
      overdraft_limit bigint not null default 0
        constraint wallets_overdraft_limit_is_not_negative check (overdraft_limit >= 0),
      last_seq bigint not null default 0,
      last_lot integer not null default 0,
      last_at timestamptz not null default '2000-01-01T00:00:00Z',
      next_due_at timestamptz,
      frozen_at timestamptz,
      frozen_reason text,
      unlimited_until timestamptz,
      unlimited_reason text constraint wallets_unlimited_reason_is_known
        check (unlimited_reason in ('plan', 'super_admin', 'contract')),
      alert_below bigint,
      alert_above bigint,
      time_zone text not null default 'UTC',
      refund_to_expired_lot text not null default 'expire'
        constraint wallets_refund_policy_is_known check (refund_to_expired_lot in ('expire', 'grace_lot')),
      grace_seconds integer not null default 2592000 constraint wallets_grace_is_positive check (grace_seconds > 0),
      capture_above_hold text not null default 'refuse'
        constraint wallets_capture_policy_is_known check (capture_above_hold in ('refuse', 'debit')),
      reversal text not null default 'debt'
        constraint wallets_reversal_policy_is_known check (reversal in ('debt', 'write_off')),
      hold_max_seconds integer not null default 86400
        constraint wallets_hold_max_is_positive check (hold_max_seconds > 0),
      created_at timestamptz not null default now(),
      constraint wallets_one_live_and_one_test_per_workspace unique (workspace_id, livemode),
      constraint wallets_unlimited_has_a_reason check ((unlimited_until is null) = (unlimited_reason is null))
    ) with (fillfactor = 50)`.execute(db);
  await sql`comment on column wallets.next_due_at is
    'no lot expires and no hold lapses before this; null when nothing will: until then what is stored is what is reported'`.execute(
    db,
  );
  await sql`comment on column wallets.last_at is
    'ledger time of the last entry; the next is later'`.execute(db);
}

async function lotsAndHolds(db: Kysely<never>): Promise<void> {
  await sql`
    create table lots (
      wallet_id uuid not null,
      number integer not null,
      workspace_id uuid not null,
      entry_seq bigint not null,
      source text not null constraint lots_source_is_known check (source in
        ('purchase', 'bonus', 'plan', 'rollover', 'welcome', 'reward', 'promo', 'adjustment', 'transfer', 'import')),
      priority smallint not null,
      granted_at timestamptz not null,
      expires_at timestamptz,
      granted bigint not null constraint lots_granted_is_positive check (granted > 0),
      available bigint not null constraint lots_available_is_not_negative check (available >= 0),
      held bigint not null default 0 constraint lots_held_is_not_negative check (held >= 0),
      consumed bigint not null default 0 constraint lots_consumed_is_not_negative check (consumed >= 0),
      expired bigint not null default 0 constraint lots_expired_is_not_negative check (expired >= 0),
      removed bigint not null default 0 constraint lots_removed_is_not_negative check (removed >= 0),
      open boolean not null default true,
      cost_minor bigint not null default 0 constraint lots_cost_is_not_negative check (cost_minor >= 0),
      currency text,
      payment_id uuid,
      subscription_id uuid,
      operations text[],
      primary key (wallet_id, number),
      constraint lots_keep_what_was_granted check (available + held + consumed + expired + removed = granted),
      constraint lots_are_open_while_something_is_left check (open = (available + held > 0)),
      constraint lots_with_a_cost_have_a_currency check (cost_minor = 0 or currency is not null)
    ) with (fillfactor = 60)`.execute(db);
  await sql`create index lots_to_burn on lots (wallet_id, priority, expires_at, number) where open`.execute(
    db,
  );
  await sql`create index lots_due on lots (expires_at, wallet_id) where open and expires_at is not null`.execute(
    db,
  );
  await sql`create index lots_by_payment on lots (payment_id) where payment_id is not null`.execute(
    db,
  );
  await sql`comment on column lots.cost_minor is
    'what was paid for the lot, net of tax, in minor units of its currency'`.execute(db);
  await sql`comment on column lots.operations is
    'the only operations that may burn it; null for all'`.execute(db);

  await sql`
    create table holds (
      wallet_id uuid not null,
      id uuid not null,
      workspace_id uuid not null,
      entry_seq bigint not null,
      operation text,
      amount bigint not null constraint holds_amount_is_not_negative check (amount >= 0),
      captured bigint not null default 0 constraint holds_captured_is_not_negative check (captured >= 0),
      released bigint not null default 0 constraint holds_released_is_not_negative check (released >= 0),
      created_at timestamptz not null,
      expires_at timestamptz not null,
      expires_at_most timestamptz not null,
      open boolean not null default true,
      primary key (wallet_id, id),
      constraint holds_settle_no_more_than_was_held check (captured + released <= amount),
      constraint holds_end_by_their_deadline check (expires_at <= expires_at_most)
    ) with (fillfactor = 60)`.execute(db);
  await sql`create index holds_open on holds (wallet_id, expires_at) where open`.execute(db);
  await sql`create index holds_due on holds (expires_at, wallet_id) where open`.execute(db);
  await sql`
    create table hold_lots (
      wallet_id uuid not null,
      hold_id uuid not null,
      lot_number integer not null,
      workspace_id uuid not null,
      position smallint not null,
      amount bigint not null constraint hold_lots_amount_is_positive check (amount > 0),
      captured bigint not null default 0 constraint hold_lots_captured_is_not_negative check (captured >= 0),
      released bigint not null default 0 constraint hold_lots_released_is_not_negative check (released >= 0),
      primary key (wallet_id, hold_id, lot_number),
      constraint hold_lots_settle_no_more_than_was_held check (captured + released <= amount)
    ) with (fillfactor = 60)`.execute(db);
}

async function entries(db: Kysely<never>): Promise<void> {
  await sql`
    create table entries (
      wallet_id uuid not null,
      seq bigint not null constraint entries_are_numbered_from_one check (seq >= 1),
      workspace_id uuid not null,
      kind text not null constraint entries_kind_is_known check (kind in
        ('grant', 'debit', 'hold', 'extension', 'capture', 'release', 'refund', 'expiry', 'clawback',
         'reinstatement', 'adjustment', 'transfer_out', 'transfer_in', 'repayment', 'write_off')),
      amount bigint not null constraint entries_amount_is_not_negative check (amount >= 0),
      list_amount bigint,
      waiver text,
      leg_lots integer[] not null default '{}',
      leg_from "char"[] not null default '{}',
      leg_to "char"[] not null default '{}',
      leg_amounts bigint[] not null default '{}',
      available_after bigint not null constraint entries_available_after_is_not_negative check (available_after >= 0),
      held_after bigint not null constraint entries_held_after_is_not_negative check (held_after >= 0),
      debt_after bigint not null constraint entries_debt_after_is_not_negative check (debt_after >= 0),
      namespace text not null,
      key text not null constraint entries_key_is_1_to_255_long check (length(key) between 1 and 255),
      key_hash uuid not null,
      content_hash uuid not null,
      actor_kind text not null constraint entries_actor_is_known
        check (actor_kind in ('person', 'api_key', 'payment', 'job', 'system')),
      actor_id uuid,
      on_behalf_of text,
      api_key_id uuid,
      operation text,
      quantity bigint,
      lines jsonb,
      parent_seq bigint,
      payment_id uuid,
      at timestamptz not null,
      occurred_at timestamptz,
      recorded_at timestamptz not null,
      primary key (wallet_id, seq),
      constraint entries_use_a_key_once_per_wallet unique (wallet_id, key_hash),
      constraint entries_legs_are_of_one_length check (
        cardinality(leg_lots) = cardinality(leg_from) and cardinality(leg_from) = cardinality(leg_to)
        and cardinality(leg_to) = cardinality(leg_amounts)),
      constraint entries_legs_move_between_known_buckets check (
        leg_from <@ '{w,a,h,c,e,r,d}'::"char"[] and leg_to <@ '{w,a,h,c,e,r,d}'::"char"[])
    )`.execute(db);
  await sql`comment on table entries is
    'The ledger: one immutable event of one wallet a row. Never updated, never deleted.'`.execute(
    db,
  );
  await sql`comment on column entries.leg_from is
    'w outside, a available, h held, c consumed, e expired, r removed (all of leg_lots[i]), d the wallet''s debt (lot 0)'`.execute(
    db,
  );
  await sql`comment on column entries.key_hash is
    'the first 128 bits of SHA-256 over namespace, NUL and key: a short index for a promise that is never forgotten'`.execute(
    db,
  );
  await sql`comment on column entries.content_hash is
    'the first 128 bits of SHA-256 over the canonical request'`.execute(db);
  await sql`comment on column entries.lines is
    'what made the amount: [{code, label, unit, quantity, price, amount, rule, version}], whole numbers as strings'`.execute(
    db,
  );
}

async function besideEntries(db: Kysely<never>): Promise<void> {
  await sql`
    create table entry_details (
      wallet_id uuid not null,
      seq bigint not null,
      workspace_id uuid not null,
      description text,
      reason text,
      metadata jsonb,
      request_id text,
      erased_at timestamptz,
      primary key (wallet_id, seq)
    )`.execute(db);
  await sql`comment on table entry_details is
    'Free text and metadata of entries, which can be erased'`.execute(db);
  await sql`
    create table refund_totals (
      wallet_id uuid not null,
      entry_seq bigint not null,
      lot_number integer not null,
      workspace_id uuid not null,
      taken bigint not null constraint refund_totals_taken_is_positive check (taken > 0),
      refunded bigint not null constraint refund_totals_refund_no_more_than_was_taken check (refunded between 0 and taken),
      primary key (wallet_id, entry_seq, lot_number)
    ) with (fillfactor = 60)`.execute(db);
  await sql`
    create table counters (
      wallet_id uuid not null,
      subject text not null,
      period text not null constraint counters_period_is_known
        check (period in ('hour', 'day', 'week', 'month', 'all')),
      starts_at timestamptz not null,
      workspace_id uuid not null,
      quantity bigint not null default 0,
      amount bigint not null default 0,
      primary key (wallet_id, subject, period, starts_at)
    ) with (fillfactor = 50)`.execute(db);
  await sql`comment on column counters.subject is
    'wallet, operation:<code>, member:<id>, api_key:<id>, or several joined by a space'`.execute(
    db,
  );
  await sql`
    create table budgets (
      wallet_id uuid not null,
      id uuid not null,
      workspace_id uuid not null,
      subject text not null,
      period text not null constraint budgets_period_is_known
        check (period in ('hour', 'day', 'week', 'month', 'all')),
      limit_amount bigint not null constraint budgets_limit_is_not_negative check (limit_amount >= 0),
      hard boolean not null,
      raised_to bigint,
      raised_until timestamptz,
      time_zone text not null default 'UTC',
      created_at timestamptz not null default now(),
      primary key (wallet_id, id),
      constraint budgets_a_raise_has_an_end check ((raised_to is null) = (raised_until is null))
    )`.execute(db);
  await sql`
    create table ledger_outbox (
      wallet_id uuid not null,
      seq bigint not null,
      kind text not null,
      workspace_id uuid not null,
      payload jsonb not null,
      created_at timestamptz not null,
      primary key (wallet_id, seq, kind)
    )`.execute(db);
}
