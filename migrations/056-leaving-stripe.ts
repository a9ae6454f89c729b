import { type Kysely, sql } from 'kysely';

/** A workspace that was closed leaves Stripe too: nobody pays there any more, and no name stays. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table stripe_customers add column leaves_at timestamptz`.execute(db);
  await sql`comment on column stripe_customers.leaves_at is
    'when Stripe is asked next to delete the customer of a workspace that was closed'`.execute(db);
  await sql`create index stripe_customers_that_leave on stripe_customers (leaves_at)
    where leaves_at is not null`.execute(db);
}
