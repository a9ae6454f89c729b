import { type Kysely, sql } from 'kysely';
import { haveRoles } from './access.ts';

/*
 * Amounts that the buyer chooses, in each currency in which the seller allows it; orders that are
 * asked about at Stripe; and a second payment for one order, which is a row like the first.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table free_amounts (
      currency text primary key constraint free_amounts_currency_is_iso_4217 check (currency ~ '^[A-Z]{3}$'),
      minimum_minor bigint not null constraint free_amounts_minimum_is_positive check (minimum_minor > 0),
      maximum_minor bigint not null,
      price_per_credit_micro bigint not null
        constraint free_amounts_price_is_positive check (price_per_credit_micro > 0),
      expires_after_days integer constraint free_amounts_expire_after_a_day_or_more
        check (expires_after_days > 0),
      active boolean not null default true,
      made_by text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      constraint free_amounts_limits_are_in_order check (minimum_minor <= maximum_minor)
    )`.execute(db);
  await sql`comment on column free_amounts.price_per_credit_micro is
    'what one credit costs, in 10^-6 of the currency''s unit: 100000 is $0.10'`.execute(db);
  await sql`
    alter table packages add constraint packages_leave_own_to_free_amounts check (code <> 'own')`.execute(
    db,
  );
  await sql`comment on column package_prices.price_minor is
    'in minor units as Stripe counts them: USD 2 decimals, JPY none, KWD 3 of which the last is 0, ISK 2 that are 00'`.execute(
    db,
  );
  await sql`
    alter table payments
      add column duplicate_of uuid references payments
        constraint payments_are_no_duplicate_of_themselves check (duplicate_of <> id),
      add column next_check_at timestamptz`.execute(db);
  await sql`create index payments_duplicates on payments (duplicate_of)
    where duplicate_of is not null`.execute(db);
  await sql`comment on column payments.duplicate_of is
    'the order that had been paid before: somebody paid twice, got the credits twice, and is to be asked which to refund'`.execute(
    db,
  );
  await sql`comment on column payments.next_check_at is
    'when Stripe may be asked next what became of a pending payment'`.execute(db);
  if (await haveRoles(db)) {
    await sql`grant select on free_amounts to scrip_app, scrip_staff`.execute(db);
    await sql`grant insert, update on free_amounts to scrip_app`.execute(db);
  }
}
