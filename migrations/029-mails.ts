import { type Kysely, sql } from 'kysely';
import { OWN_WORKSPACE, fence, haveRoles } from './access.ts';

/**
 * Mails, from the transaction of what they tell of until they are sent. Those without a workspace are
 * about a person, and are seen by the jobs only. The address, kind and subject stay readable when the
 * text is forgotten.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table mails (
      id uuid primary key,
      key text not null constraint mails_have_one_for_each_reason unique,
      workspace_id uuid references workspaces,
      person_id uuid references people,
      kind text not null
        constraint mails_kind_is_noun_and_verb check (kind ~ '^[a-z_]+[.][a-z_]+$'),
      to_address text not null
        constraint mails_address_is_one_line check (to_address !~ '[[:cntrl:]]'),
      subject text not null
        constraint mails_subject_is_one_line check (subject !~ '[[:cntrl:]]'),
      text text,
      state text not null default 'waiting' constraint mails_state_is_known
        check (state in ('waiting', 'failed', 'sent', 'given_up')),
      tries integer not null default 0
        constraint mails_tries_are_not_negative check (tries >= 0),
      next_try_at timestamptz default now(),
      sent_at timestamptz,
      error text,
      created_at timestamptz not null default now(),
      constraint mails_are_tried_until_they_are_over
        check ((next_try_at is not null) = (state in ('waiting', 'failed'))),
      constraint mails_have_a_text_until_they_are_over check (next_try_at is null or text is not null),
      constraint mails_are_sent_at_a_moment check ((sent_at is not null) = (state = 'sent'))
    )`.execute(db);
  await sql`create index mails_due on mails (next_try_at) where next_try_at is not null`.execute(
    db,
  );
  await sql`comment on column mails.key is
    'the reason, with its ids: whoever writes the same mail again writes none'`.execute(db);
  await sql`comment on column mails.text is
    'what is said; the HTML is made from it when it is sent. Null when it was forgotten'`.execute(
    db,
  );
  await sql`comment on column mails.state is
    'failed waits for its next try; given_up is over without having been sent'`.execute(db);
  await sql`comment on column mails.next_try_at is
    'while it is being sent, when it is tried again if nobody says what came of it'`.execute(db);
  await giveAccess(db);
}

/** The app writes and sees those of its workspace, the jobs send all, staff read no texts. */
async function giveAccess(db: Kysely<never>): Promise<void> {
  const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
  const roles = await haveRoles(db);
  await fence(db, roles, {
    table: 'mails',
    seen: OWN_WORKSPACE,
    written: `workspace_id is null or ${OWN_WORKSPACE}`,
    forLedger: true,
  });
  if (!roles) return;
  await run(`grant select, insert on mails to scrip_app`);
  await run(`grant select, insert, update on mails to scrip_ledger`);
  await run(`grant select (id, key, workspace_id, person_id, kind, to_address, subject, state, tries,
    next_try_at, sent_at, error, created_at) on mails to scrip_staff`);
}
