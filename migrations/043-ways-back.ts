import { type Kysely, sql } from 'kysely';

/**
 * From an entry to those that are about it: what a hold was captured by, what was given back of a
 * charge. Most entries are about none and are not in the index; it finds clawbacks too, so that their
 * own goes. And from a purchase to the page on which credits had run out.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index entries_by_parent on entries (wallet_id, parent_seq)
    where parent_seq is not null`.execute(db);
  await sql`drop index entries_clawed_back`.execute(db);
  await sql`
    alter table payments add column return_path text constraint payments_return_path_stays_here
      check (return_path ~ '^/[wc]/' and return_path !~ '[[:cntrl:]\\\\]'
        and length(return_path) <= 2000)`.execute(db);
  await sql`comment on column payments.return_path is
    'the page of ours, with its query, on which credits had run out: where the buyer goes on'`.execute(
    db,
  );
}
