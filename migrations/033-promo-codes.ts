import { type Kysely, sql } from 'kysely';
import { OWN_PERSON, OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/*
 * Codes that give credits, at once or on top of a purchase, and who used them; workspaces that were
 * brought by another, and what both got for it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await promoCodes(db);
  await redemptions(db);
  await referralTerms(db);
  await referrals(db);
  await giveAccess(db);
}

async function promoCodes(db: Kysely<never>): Promise<void> {
  await sql`
    create table promo_codes (
      id uuid primary key,
      code text not null constraint promo_codes_are_unique unique
        constraint promo_codes_are_written_in_capitals check (code ~ '^[A-Z0-9][A-Z0-9-]{2,39}$'),
      name text not null,
      kind text not null constraint promo_codes_kind_is_known check (kind in ('grant', 'purchase')),
      credits bigint constraint promo_codes_credits_are_positive check (credits > 0),
      percent integer constraint promo_codes_percent_is_sensible check (percent between 1 and 1000),
      packages text[] constraint promo_codes_name_some_package check (cardinality(packages) > 0),
      first_purchase_only boolean not null default false,
      starts_at timestamptz,
      ends_at timestamptz,
      total_limit integer constraint promo_codes_total_limit_is_positive check (total_limit > 0),
      person_limit integer not null default 1
        constraint promo_codes_person_limit_is_positive check (person_limit > 0),
      taken integer not null default 0 constraint promo_codes_are_taken_or_not check (taken >= 0),
      expires_after_days integer constraint promo_codes_expire_after_a_day_or_more
        check (expires_after_days > 0),
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint promo_codes_give_credits_or_percent check (num_nonnulls(credits, percent) = 1),
      constraint promo_codes_of_purchases_only_have_their_terms check
        (kind = 'purchase' or (percent is null and packages is null and not first_purchase_only)),
      constraint promo_codes_start_before_they_end check (starts_at < ends_at),
      constraint promo_codes_are_taken_within_their_limit check (taken <= total_limit)
    )`.execute(db);
  await sql`comment on column promo_codes.credits is 'in micro-credits'`.execute(db);
  await sql`comment on column promo_codes.percent is
    'of the credits that are bought, without their bonus'`.execute(db);
  await sql`comment on column promo_codes.packages is
    'codes of the packages that it is for, own for an amount of the buyer''s choice; null: for all'`.execute(
    db,
  );
  await sql`comment on column promo_codes.ends_at is 'the first moment at which it is over'`.execute(
    db,
  );
  await sql`comment on column promo_codes.taken is
    'places that are redeemed, or reserved by an order that may still be paid; changed under this row''s lock'`.execute(
    db,
  );
}

async function redemptions(db: Kysely<never>): Promise<void> {
  await sql`
    create table promo_redemptions (
      id uuid primary key,
      promo_code_id uuid not null references promo_codes,
      workspace_id uuid not null references workspaces,
      wallet_id uuid not null,
      person_id uuid references people,
      payment_id uuid references payments constraint promo_redemptions_are_one_a_payment unique,
      nonce uuid,
      state text not null constraint promo_redemptions_state_is_known
        check (state in ('reserved', 'redeemed', 'given_back')),
      first_purchase boolean not null,
      credits bigint not null constraint promo_redemptions_are_of_credits check (credits > 0),
      entry_seq bigint,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint promo_redemptions_of_one_form_are_one unique (workspace_id, promo_code_id, nonce),
      constraint promo_redemptions_have_granted check ((state = 'redeemed') = (entry_seq is not null)),
      constraint promo_redemptions_are_of_a_form_or_a_payment check (num_nonnulls(nonce, payment_id) = 1),
      constraint promo_redemptions_are_reserved_for_a_payment
        check (state = 'redeemed' or payment_id is not null)
    )`.execute(db);
  await sql`create index promo_redemptions_by_code on promo_redemptions (promo_code_id, id)`.execute(
    db,
  );
  await sql`create index promo_redemptions_by_person on promo_redemptions (person_id, promo_code_id)
    where person_id is not null`.execute(db);
  await sql`create unique index promo_redemptions_of_first_purchases_are_one_a_workspace
    on promo_redemptions (workspace_id) where first_purchase and state <> 'given_back'`.execute(db);
  await sql`comment on column promo_redemptions.person_id is
    'null: the workspace of a product''s customer, who is nobody here'`.execute(db);
  await sql`comment on column promo_redemptions.nonce is
    'of the form that redeemed credits at once: the same sent twice is one redemption'`.execute(db);
  await sql`comment on column promo_redemptions.credits is 'in micro-credits'`.execute(db);
  await sql`comment on column promo_redemptions.entry_seq is 'the entry that granted the credits'`.execute(
    db,
  );
}

async function referralTerms(db: Kysely<never>): Promise<void> {
  await sql`
    create table referral_terms (
      singleton boolean primary key default true constraint referral_terms_are_one check (singleton),
      referrer_credits bigint not null
        constraint referral_terms_reward_the_referrer check (referrer_credits > 0),
      referred_credits bigint not null
        constraint referral_terms_reward_the_referred check (referred_credits > 0),
      expires_after_days integer constraint referral_terms_expire_after_a_day_or_more
        check (expires_after_days > 0),
      minimums jsonb not null,
      reversible_days integer not null
        constraint referral_terms_reversible_days_are_positive check (reversible_days > 0),
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`comment on table referral_terms is
    'What the seller gives for bringing somebody; credits in micro-credits'`.execute(db);
  await sql`comment on column referral_terms.minimums is
    'what a purchase costs at least to be rewarded, before tax, in minor units by currency; none in others'`.execute(
    db,
  );
  await sql`comment on column referral_terms.reversible_days is
    'so long after the reward money that goes back takes it back'`.execute(db);
  await sql`
    create table referral_codes (
      workspace_id uuid primary key references workspaces,
      code text not null constraint referral_codes_are_unique unique,
      created_at timestamptz not null default now()
    )`.execute(db);
}

async function referrals(db: Kysely<never>): Promise<void> {
  await sql`
    create table referrals (
      id uuid primary key,
      workspace_id uuid not null references workspaces
        constraint referrals_are_one_a_workspace unique,
      person_id uuid not null references people constraint referrals_are_once_a_person unique,
      referrer_workspace_id uuid not null references workspaces
        constraint referrals_are_of_another check (referrer_workspace_id <> workspace_id),
      state text not null default 'waiting' constraint referrals_state_is_known
        check (state in ('waiting', 'due', 'rewarded', 'refused', 'taken_back')),
      reason text,
      payment_id uuid references payments,
      money_back_at timestamptz,
      next_try_at timestamptz,
      card_fingerprint text,
      wallet_id uuid,
      referrer_wallet_id uuid,
      entry_seq bigint,
      referrer_entry_seq bigint,
      credits bigint,
      referrer_credits bigint,
      reversible_until timestamptz,
      rewarded_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint referrals_wait_for_a_purchase check ((state = 'waiting') = (payment_id is null)),
      constraint referrals_are_refused_for_a_reason check ((state = 'refused') = (reason is not null)),
      constraint referrals_are_looked_at_while_due check (state <> 'due' or next_try_at is not null),
      constraint referrals_reward_both_or_neither check (
        num_nonnulls(wallet_id, referrer_wallet_id, entry_seq, referrer_entry_seq, credits,
          referrer_credits, reversible_until, rewarded_at)
        = case when state in ('rewarded', 'taken_back') then 8 else 0 end)
    )`.execute(db);
  await sql`create index referrals_by_referrer on referrals (referrer_workspace_id, id)`.execute(
    db,
  );
  await sql`create index referrals_to_look_at on referrals (next_try_at)
    where next_try_at is not null`.execute(db);
  await sql`create index referrals_by_payment on referrals (payment_id)
    where payment_id is not null`.execute(db);
  await sql`create unique index referrals_are_rewarded_once_a_card on referrals (card_fingerprint)
    where state in ('rewarded', 'taken_back')`.execute(db);
  await sql`comment on column referrals.workspace_id is 'the one that was brought'`.execute(db);
  await sql`comment on column referrals.payment_id is
    'the purchase that the reward is for'`.execute(db);
  await sql`comment on column referrals.money_back_at is
    'when money of that purchase first went back, by a refund or a dispute'`.execute(db);
  await sql`comment on column referrals.credits is
    'what the one that was brought got, in micro-credits'`.execute(db);
}

/** What of each table with rows of workspaces is seen by the app, beside what it may write. */
const SEEN = {
  // What a person used counts in every workspace of theirs.
  promo_redemptions: `${OWN_WORKSPACE} or ${OWN_PERSON}`,
  referral_codes: OWN_WORKSPACE,
  referrals: `${OWN_WORKSPACE} or referrer_${OWN_WORKSPACE}`,
};

async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const [table, seen] of Object.entries(SEEN)) {
    await fence(db, roles, { table, seen, written: OWN_WORKSPACE, forLedger: false });
  }
  if (!roles) return;
  const tables = 'promo_codes, promo_redemptions, referral_terms, referral_codes, referrals';
  await run(`grant select, insert, update on ${tables} to scrip_app`);
  await run(`grant select on ${tables} to scrip_staff`);
}
