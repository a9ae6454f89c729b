import { sql } from 'kysely';
import type { Connections, Db } from '../lib/database.ts';

/** The activity is written piece by piece: years of it need not fit into memory. */
const EVENTS_AT_ONCE = 1_000;

/**
 * All that is kept of a person as such, as JSON in pieces. What their workspaces have (entries,
 * invoices) is the workspaces', and is exported there.
 */
export async function* personalData(
  { app, staff }: Pick<Connections, 'app' | 'staff'>,
  personId: string,
): AsyncGenerator<string> {
  const head = {
    exported_at: new Date(),
    person: await profileOf(app, personId),
    sessions: await sessionsOf(app, personId),
    passkeys: await passkeysOf(app, personId),
    workspaces: await workspacesOf(staff, personId),
    business_profiles: await businessProfilesOf(staff, personId),
    alerts_chosen: await alertsChosenBy(staff, personId),
    mails: await mailsTo(staff, personId),
  };
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "activity": [`;
  let separator = '\n';
  for await (const event of activityOf(staff, personId)) {
    yield `${separator}    ${JSON.stringify(event)}`;
    separator = ',\n';
  }
  yield '\n  ]\n}\n';
}

async function profileOf(db: Db, personId: string) {
  const { password_hash, google_subject, ...person } = await db
    .selectFrom('people')
    .select(['id', 'email', 'email_verified_at', 'name', 'time_zone', 'locale', 'staff_role'])
    .select(['created_at', 'updated_at', 'password_hash', 'google_subject', 'google_email'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const codes = await db
    .selectFrom('totp_secrets')
    .select('created_at')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  const picture = await db
    .selectFrom('person_pictures')
    .select('image')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return {
    ...person,
    has_password: password_hash !== null,
    google_subject,
    one_time_codes_since: codes?.created_at ?? null,
    picture_webp_base64: picture?.image.toString('base64') ?? null,
  };
}

async function sessionsOf(db: Db, personId: string) {
  return db
    .selectFrom('sessions')
    .select('expire as ends_at')
    .where('person_id', '=', personId)
    .orderBy('expire')
    .execute();
}

async function passkeysOf(db: Db, personId: string) {
  return db
    .selectFrom('passkeys')
    .select(['name', 'created_at', 'last_used_at'])
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute();
}

async function workspacesOf(staff: Db, personId: string) {
  return staff
    .selectFrom('memberships as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['w.name', 'w.slug', 'w.kind', 'm.role', 'm.created_at as since'])
    .where('m.person_id', '=', personId)
    .orderBy('m.created_at')
    .execute();
}

/** Of the workspaces that are theirs. */
async function businessProfilesOf(staff: Db, personId: string) {
  const { rows } = await sql<{ workspace: string; profile: unknown; goals: unknown }>`
    select w.slug as workspace, to_jsonb(b) - 'workspace_id' as profile, array(
      select to_jsonb(g) - 'workspace_id' - 'id' from marketing_goals g
      where g.workspace_id = b.workspace_id order by g.position) as goals
    from memberships m
    join workspaces w on w.id = m.workspace_id
    join business_profiles b on b.workspace_id = m.workspace_id
    where m.person_id = ${personId} and m.role = 'owner' order by w.slug`.execute(staff);
  return rows;
}

async function alertsChosenBy(staff: Db, personId: string) {
  return staff
    .selectFrom('alert_preferences as c')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .select(['w.slug as workspace', 'c.kind', 'c.in_page', 'c.by_mail'])
    .where('c.person_id', '=', personId)
    .orderBy('w.slug')
    .orderBy('c.kind')
    .execute();
}

async function mailsTo(staff: Db, personId: string) {
  return staff
    .selectFrom('mails')
    .select(['kind', 'to_address', 'subject', 'created_at', 'sent_at'])
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute();
}

async function* activityOf(staff: Db, personId: string) {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const events = await staff
      .selectFrom('audit_events')
      .select(['id', 'at', 'action', 'subject_kind', 'subject_id', 'workspace_id', 'ip'])
      .where('actor_id', '=', personId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(EVENTS_AT_ONCE)
      .execute();
    yield* events;
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
