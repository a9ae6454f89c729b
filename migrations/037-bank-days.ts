import { type Kysely, sql } from 'kysely';

/** The check of 034 lost its backslashes in the template and fitted no day at all. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table payments drop constraint payments_bank_received_on_is_a_day,
      add constraint payments_bank_received_on_is_a_day
        check (bank_received_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')`.execute(db);
}
