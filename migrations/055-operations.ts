import { type Kysely, sql } from 'kysely';

/*
 * Secrets of webhook endpoints are encrypted from now on; a job encrypts those that stand plain, for
 * which this file has no key. The staff look through what came from Stripe and what was sent, newest
 * first and by what went wrong.
 */
export async function up(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  await run(`comment on column webhook_endpoints.secret is
    'encrypted with a key that the database does not know, for this endpoint; begins with whsec_ where it is still plain'`);
  await run(`comment on column webhook_endpoints.previous_secret is
    'encrypted like the secret; signs too until its end, so that a receiver can change to the new one in its own time'`);
  await run(`create index stripe_events_newest on stripe_events (received_at, id)`);
  await run(`create index webhook_deliveries_undelivered on webhook_deliveries (id)
    where delivered_at is null`);
}
