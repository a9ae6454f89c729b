import { type Kysely, sql } from 'kysely';

/**
 * What is given back of a charge is limited like other credits that the staff move. Among many
 * payments and changes, those of a rare state or by somebody who seldom does anything are found.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table staff_requests add column entry_seq bigint`.execute(db);
  await sql`comment on column staff_requests.entry_seq is
    'of what is given back: the entry of the wallet that charged it'`.execute(db);
  await sql`alter table staff_requests
    drop constraint staff_requests_kind_is_known,
    add constraint staff_requests_kind_is_known
      check (kind in ('grant', 'deduct', 'bulk_grant', 'refund', 'give_back')),
    add constraint staff_requests_that_give_back_name_an_entry
      check ((entry_seq is not null) = (kind = 'give_back'))`.execute(db);
  await sql`create index payments_by_status on payments (status, id)`.execute(db);
  await sql`create index audit_events_by_kind_of_actor on audit_events (actor_kind, id)`.execute(
    db,
  );
}
