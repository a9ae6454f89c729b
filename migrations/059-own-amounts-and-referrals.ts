import { type Kysely, sql } from 'kysely';

/*
 * Amounts of the buyer's choice and the rewards for referrals are items of the catalogue, changed by
 * versions like the others. Promo codes are changed too, and say which state of them was seen.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table catalogue_versions
      drop constraint catalogue_versions_kind_is_known,
      add constraint catalogue_versions_kind_is_known check (kind in
        ('welcome', 'step', 'completion', 'achievement', 'alert_defaults', 'benchmark',
         'own_amount', 'referral'))`.execute(db);
  await sql`
    insert into catalogue_versions (kind, code, version, valid_from, active, content, made_by, created_at)
    select 'own_amount', currency, 1, created_at, active, jsonb_strip_nulls(jsonb_build_object(
        'minimum_minor', minimum_minor::text, 'maximum_minor', maximum_minor::text,
        'price_per_credit_micro', price_per_credit_micro::text,
        'expires_after_days', expires_after_days)), made_by, created_at
    from free_amounts`.execute(db);
  await sql`
    insert into catalogue_versions (kind, code, version, valid_from, active, content, made_by, created_at)
    select 'referral', 'terms', 1, created_at, active, jsonb_strip_nulls(jsonb_build_object(
        'referrer_credits', trim_scale(referrer_credits / 1000000.0)::text,
        'referred_credits', trim_scale(referred_credits / 1000000.0)::text,
        'minimums', minimums, 'reversible_days', reversible_days,
        'expires_after_days', expires_after_days)), made_by, created_at
    from referral_terms`.execute(db);
  await sql`drop table free_amounts, referral_terms`.execute(db);
}
