import { type Kysely, sql } from 'kysely';

/* Codes that add credits to a plan: held by a subscription that is begun, given with its first payment. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table promo_codes
      drop constraint promo_codes_kind_is_known,
      add constraint promo_codes_kind_is_known check (kind in ('grant', 'purchase', 'plan')),
      add column plans text[] constraint promo_codes_name_some_plan check (cardinality(plans) > 0),
      drop constraint promo_codes_of_purchases_only_have_their_terms,
      add constraint promo_codes_have_the_terms_of_their_kind check
        ((kind = 'purchase' or packages is null) and (kind = 'plan' or plans is null)
          and (kind <> 'grant' or (percent is null and not first_purchase_only)))`.execute(db);
  await sql`comment on column promo_codes.percent is
    'of the credits that are bought, without their bonus; of a plan those of its first period'`.execute(
    db,
  );
  await sql`comment on column promo_codes.plans is
    'codes of the plans that it is for; null: for all'`.execute(db);
  await sql`
    alter table promo_redemptions
      add column subscription_id uuid references subscriptions
        constraint promo_redemptions_are_one_a_subscription unique,
      drop constraint promo_redemptions_are_of_a_form_or_a_payment,
      drop constraint promo_redemptions_are_reserved_for_a_payment,
      add constraint promo_redemptions_are_of_a_form_an_order_or_a_plan check (case
        when subscription_id is null then num_nonnulls(nonce, payment_id) = 1
        else nonce is null and (payment_id is not null) = (state = 'redeemed') end),
      add constraint promo_redemptions_are_reserved_for_an_order_or_a_plan
        check (state = 'redeemed' or nonce is null)`.execute(db);
  await sql`comment on column promo_redemptions.subscription_id is
    'the plan that was begun with it; its first payment redeems it'`.execute(db);
}
