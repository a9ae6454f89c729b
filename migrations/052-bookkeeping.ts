import { type Kysely, sql } from 'kysely';
import { fence, haveRoles } from './access.ts';

/*
 * What the credits of live wallets come to by day: made from entries by a job, and made again at any
 * time. And what the proofs of the ledger have found.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await makeBooks(db);
  await makeProofs(db);
  await makeIndexes(db);
  await giveAccess(db);
}

async function makeBooks(db: Kysely<never>): Promise<void> {
  await sql`
    create table bookkeeping (
      singleton boolean primary key default true constraint bookkeeping_is_one check (singleton),
      time_zone text,
      done_until timestamptz
    )`.execute(db);
  await sql`comment on column bookkeeping.time_zone is
    'in which days are days; the books begin anew when the seller''s is another one'`.execute(db);
  await sql`comment on column bookkeeping.done_until is
    'entries recorded before this are booked; null when none are'`.execute(db);
  await sql`insert into bookkeeping default values`.execute(db);
  await sql`
    create table booked_wallets (
      wallet_id uuid primary key,
      last_seq bigint not null default 0
    ) with (fillfactor = 50)`.execute(db);
  await sql`
    create table booked_lots (
      wallet_id uuid not null,
      lot_number integer not null,
      sent bigint not null,
      used bigint not null,
      expired bigint not null,
      returned bigint not null,
      corrected bigint not null,
      primary key (wallet_id, lot_number)
    ) with (fillfactor = 60)`.execute(db);
  await sql`comment on table booked_lots is
    'What has become of the lots that cost something, in micro-credits: the rest is still owed'`.execute(
    db,
  );
  await sql`comment on column booked_lots.used is
    'less what was clawed back after it had been used; what came back as a lot without a cost stays used'`.execute(
    db,
  );
  await sql`
    create table booked_credits (
      day text not null,
      kind text not null,
      source text not null,
      paid boolean not null,
      moved_from text not null,
      moved_to text not null,
      amount numeric not null,
      primary key (day, kind, source, paid, moved_from, moved_to)
    )`.execute(db);
  await sql`comment on column booked_credits.day is 'as 2026-11-20'`.execute(db);
  await sql`comment on table booked_credits is
    'The legs of the entries of a day, by what lots they were of; source is empty for those of the debt'`.execute(
    db,
  );
  await sql`
    create table booked_money (
      day text not null,
      currency text not null,
      sold_minor numeric not null,
      transferred_minor numeric not null,
      used_minor numeric not null,
      expired_minor numeric not null,
      returned_minor numeric not null,
      corrected_minor numeric not null,
      primary key (day, currency)
    )`.execute(db);
  await sql`comment on column booked_money.transferred_minor is
    'the cost of lots that came from other wallets, less the cost of what was sent to them'`.execute(
    db,
  );
  await sql`
    create table booked_activity (
      day text not null,
      wallet_id uuid not null,
      primary key (day, wallet_id)
    )`.execute(db);
  await sql`comment on table booked_activity is 'Which wallets were charged on a day'`.execute(db);
}

async function makeProofs(db: Kysely<never>): Promise<void> {
  await sql`
    create table ledger_proofs (
      id uuid primary key,
      scope text not null constraint ledger_proofs_scope_is_known
        check (scope in ('all', 'changed', 'wallet')),
      started_at timestamptz not null,
      finished_at timestamptz not null default now(),
      violations integer not null constraint ledger_proofs_violations_are_not_negative
        check (violations >= 0)
    )`.execute(db);
  await sql`create index ledger_proofs_by_scope on ledger_proofs (scope, finished_at)`.execute(db);
  await sql`
    create table ledger_drifts (
      id uuid primary key,
      rule text not null,
      wallet_id uuid,
      detail text not null,
      first_seen_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      gone_at timestamptz
    )`.execute(db);
  await sql`comment on table ledger_drifts is
    'What proofs found that does not add up, until one finds it gone'`.execute(db);
  await sql`comment on column ledger_drifts.wallet_id is
    'null for what is of all wallets together: the chain of seals'`.execute(db);
  await sql`create unique index ledger_drifts_are_open_once on ledger_drifts
    (rule, coalesce(wallet_id, '00000000-0000-0000-0000-000000000000'), detail)
    where gone_at is null`.execute(db);
}

/** For figures of a stretch of days, without reading all rows. */
async function makeIndexes(db: Kysely<never>): Promise<void> {
  await sql`create index payments_by_completion on payments (completed_at)
    where completed_at is not null`.execute(db);
  await sql`create index payments_failed on payments (created_at) where status = 'failed'`.execute(
    db,
  );
  await sql`create index payments_by_person on payments (person_id, completed_at)
    where completed_at is not null`.execute(db);
  await sql`create index disputes_lost on disputes (updated_at) where status = 'lost'`.execute(db);
  await sql`create index workspaces_by_creation on workspaces (created_at)`.execute(db);
  await sql`create index people_by_creation on people (created_at)`.execute(db);
}

const BOOKS = [
  'booked_wallets',
  'booked_lots',
  'booked_activity',
  'booked_credits',
  'booked_money',
];
const PROOFS = ['ledger_proofs', 'ledger_drifts'];

/** They are of all customers at once: nobody sees them but the staff. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  for (const table of [...BOOKS, ...PROOFS]) {
    await fence(db, roles, { table, seen: 'false', forLedger: true });
  }
  if (!roles) return;
  await run(`grant select on bookkeeping, ${[...BOOKS, ...PROOFS].join(', ')} to scrip_staff`);
  await run(`grant select, insert, update, delete on ${BOOKS.join(', ')} to scrip_ledger`);
  await run(`grant select, insert, update on ${PROOFS.join(', ')} to scrip_ledger`);
  await run(`grant select, update on bookkeeping to scrip_ledger`);
}
