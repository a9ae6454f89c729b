import { type RawBuilder, sql } from 'kysely';
import { changesIn } from '../core/audit-changes.ts';
import type { Db } from '../lib/database.ts';
import type { AuditEvent } from '../lib/tables/audit-events.ts';
import { wordsFor } from './activity-words.ts';

type ActorKind = AuditEvent['actor_kind'];

/** Which audit events. Days are moments: from the first on, and before the second. */
export interface AuditFilter {
  actor?: { kind: ActorKind } | { id: string } | undefined;
  action?: string | undefined;
  subject?: { kind?: string | undefined; id?: string | undefined } | undefined;
  workspace_id?: string | undefined;
  from?: Date | undefined;
  until?: Date | undefined;
}

/** From which event on, in which direction. */
export interface AuditCursor {
  before?: string | undefined;
  after?: string | undefined;
}

/** An audit event with names for who did it, and to what. */
export type ShownAudit = Awaited<ReturnType<typeof auditPage>>['events'][number];

/** A page of audit events of all workspaces, the newest first. */
export async function auditPage(
  staff: Db,
  filter: AuditFilter,
  { before, after }: AuditCursor,
  limit: number,
) {
  const upwards = after !== undefined && before === undefined;
  const edge = upwards
    ? sql<boolean>`e.id > ${after}`
    : before === undefined
      ? sql<boolean>`true`
      : sql<boolean>`e.id < ${before}`;
  const rows = await staff
    .selectFrom('audit_events as e')
    .leftJoin('workspaces as w', 'w.id', 'e.workspace_id')
    .select(['e.id', 'e.workspace_id', 'e.actor_kind', 'e.actor_id', 'e.action', 'e.subject_kind'])
    .select(['e.subject_id', 'e.before', 'e.after', 'e.reason', 'e.ip', 'e.request_id', 'e.at'])
    .select('w.name as workspace')
    .where(whichOf(filter))
    .where(edge)
    .orderBy('e.id', upwards ? 'asc' : 'desc')
    .limit(limit + 1)
    .execute();
  const more = rows.length > limit;
  const shown = upwards ? rows.slice(0, limit).reverse() : rows.slice(0, limit);
  const names = await namesOf(
    staff,
    shown.flatMap(({ actor_id, subject_id }) => [actor_id ?? '', subject_id]),
  );
  return {
    events: shown.map((event) => {
      const subject = names.get(event.subject_id);
      return {
        ...event,
        by: names.get(event.actor_id ?? '') ?? NOBODY[event.actor_kind],
        subject,
        words: wordsFor({ ...event, subject }),
        changes: changesIn(event.before, event.after),
      };
    }),
    older: (upwards ? true : more) ? shown.at(-1)?.id : undefined,
    newer: (upwards ? more : before !== undefined) ? shown[0]?.id : undefined,
  };
}

/** The last changes of one thing, for the page that shows it. */
export async function auditOf(
  staff: Db,
  subject: { kind: string; id: string },
): Promise<ShownAudit[]> {
  return (await auditPage(staff, { subject }, {}, LAST)).events;
}

const LAST = 20;

/** Pages of all events that a filter lets through, the newest first. */
export async function* auditPages(
  staff: Db,
  filter: AuditFilter,
  limit: number,
): AsyncGenerator<ShownAudit[]> {
  let before: string | undefined;
  do {
    const page = await auditPage(staff, filter, { before }, limit);
    yield page.events;
    before = page.older;
  } while (before !== undefined);
}

/** Every action that was ever recorded, found by one probe of the index for each. */
export async function auditActions(staff: Db): Promise<string[]> {
  const { rows } = await sql<{ action: string }>`
    with recursive known as (
      (select action from audit_events order by action limit 1)
      union all
      select next.action from known cross join lateral (
        select e.action from audit_events e where e.action > known.action order by e.action limit 1
      ) next
    ) select action from known`.execute(staff);
  return rows.map(({ action }) => action);
}

/** The id of a person by address, of a workspace by its slug, id or the product's name for it. */
export async function personNamed(staff: Db, email_normalized: string) {
  const found = await staff
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', email_normalized)
    .executeTakeFirst();
  return found?.id;
}

export async function workspaceNamed(staff: Db, name: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from workspaces where slug = ${name}
    union select id from workspaces where external_id = ${name}
    union select id from workspaces where id = ${UUID.test(name) ? name : null}::uuid
    order by id limit 1`.execute(staff);
  return rows[0]?.id;
}

function whichOf(filter: AuditFilter): RawBuilder<boolean> {
  const { actor, action, subject, workspace_id, from, until } = filter;
  const parts: RawBuilder<boolean>[] = [sql`true`];
  if (actor !== undefined) {
    parts.push('id' in actor ? sql`e.actor_id = ${actor.id}` : sql`e.actor_kind = ${actor.kind}`);
  }
  if (action !== undefined) parts.push(sql`e.action = ${action}`);
  if (subject?.kind !== undefined) parts.push(sql`e.subject_kind = ${subject.kind}`);
  if (subject?.id !== undefined) parts.push(sql`e.subject_id = ${subject.id}`);
  if (workspace_id !== undefined) parts.push(sql`e.workspace_id = ${workspace_id}`);
  // The id of an event begins with when it was made: by it the days are found in the index.
  if (from !== undefined) parts.push(sql`e.at >= ${from} and e.id >= ${idAt(from, -SLACK)}`);
  if (until !== undefined) parts.push(sql`e.at < ${until} and e.id < ${idAt(until, SLACK)}`);
  return sql.join(parts, sql` and `);
}

/** The clocks of the program and the database, and how long a transaction takes. */
const SLACK = 3_600_000;

function idAt(at: Date, slack: number): string {
  const hex = Math.max(0, at.getTime() + slack)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const NOBODY: Record<ActorKind, string> = {
  person: 'A former person',
  api_key: 'A key',
  customer: 'The customer',
  payment: 'Stripe',
  job: 'Scrip',
  system: 'Scrip',
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function namesOf(staff: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const known = [...new Set(ids)].filter((id) => UUID.test(id));
  if (known.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select id::text, name from people where id = any(${known}::uuid[])
    union all select id::text, name from workspaces where id = any(${known}::uuid[])
    union all select w.id::text, s.name from wallets w join workspaces s on s.id = w.workspace_id
      where w.id = any(${known}::uuid[])
    union all select id::text, name from api_keys where id = any(${known}::uuid[])
    union all select id::text, email from invitations where id = any(${known}::uuid[])
    union all select id::text, url from webhook_endpoints where id = any(${known}::uuid[])
    union all select id::text, code from promo_codes where id = any(${known}::uuid[])`.execute(
    staff,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
