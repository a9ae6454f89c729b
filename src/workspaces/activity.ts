import { isManager } from '../core/roles.ts';
import type { Trx } from '../lib/database.ts';
import { wordsFor } from './activity-words.ts';
import type { MemberWorkspace } from './workspaces.ts';

const EVENTS_SHOWN = 50;

/** From which event on, in which direction. */
export interface Cursor {
  before?: string | undefined;
  after?: string | undefined;
}

/**
 * What was done in a workspace, the newest first: all of it for owners and admins, and what they did
 * themselves for members. Row-level security hides other workspaces from the transaction besides.
 */
export async function activityOf(
  trx: Trx,
  workspace: MemberWorkspace,
  personId: string,
  cursor: Cursor,
) {
  const events = await eventsOf(trx, workspace, personId, cursor);
  const names = await namesFor(trx, workspace.id, events.shown);
  return {
    is_whole: isManager(workspace.role),
    events: events.shown.map((event) => shownEvent(event, names, workspace)),
    older: events.has_older ? events.shown.at(-1)?.id : undefined,
    newer: events.has_newer ? events.shown[0]?.id : undefined,
  };
}

async function eventsOf(
  trx: Trx,
  workspace: MemberWorkspace,
  personId: string,
  { before, after }: Cursor,
) {
  let query = trx
    .selectFrom('audit_events')
    .select(['id', 'actor_kind', 'actor_id', 'action', 'subject_kind', 'subject_id'])
    .select(['before', 'after', 'at'])
    .where('workspace_id', '=', workspace.id)
    // What the seller's staff say among themselves is theirs; what came of it is told.
    .where('subject_kind', 'not in', ['staff_request', 'customer_note'])
    .limit(EVENTS_SHOWN + 1);
  if (!isManager(workspace.role)) {
    query = query.where('actor_kind', '=', 'person').where('actor_id', '=', personId);
  }
  if (after !== undefined && before === undefined) {
    const rows = await query.where('id', '>', after).orderBy('id').execute();
    const shown = rows.slice(0, EVENTS_SHOWN).reverse();
    return { shown, has_newer: rows.length > EVENTS_SHOWN, has_older: true };
  }
  if (before !== undefined) query = query.where('id', '<', before);
  const rows = await query.orderBy('id', 'desc').execute();
  const shown = rows.slice(0, EVENTS_SHOWN);
  return { shown, has_newer: before !== undefined, has_older: rows.length > EVENTS_SHOWN };
}

type StoredEvent = Awaited<ReturnType<typeof eventsOf>>['shown'][number];

/** Everything that it takes to name who did it and to what: four queries for a page. */
async function namesFor(trx: Trx, workspaceId: string, events: readonly StoredEvent[]) {
  const idsOf = (kind: string): string[] =>
    events.flatMap((event) => (event.subject_kind === kind ? [event.subject_id] : []));
  const actors = events.flatMap((event) =>
    event.actor_kind === 'person' ? (event.actor_id ?? []) : [],
  );
  const people = await trx
    .selectFrom('people')
    .select(['id', 'name'])
    .where('id', 'in', given([...actors, ...idsOf('person')]))
    .execute();
  const invitations = await trx
    .selectFrom('invitations')
    .select(['id', 'email as name'])
    .where('id', 'in', given(idsOf('invitation')))
    .execute();
  const keyActors = events.flatMap((event) =>
    event.actor_kind === 'api_key' ? (event.actor_id ?? []) : [],
  );
  const keys = await trx
    .selectFrom('api_keys')
    .select(['id', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', given([...idsOf('api_key'), ...keyActors]))
    .execute();
  const endpoints = await trx
    .selectFrom('webhook_endpoints')
    .select(['id', 'url as name'])
    .where('id', 'in', given(idsOf('webhook_endpoint')))
    .execute();
  const all = [...people, ...invitations, ...keys, ...endpoints];
  return new Map(all.map(({ id, name }) => [id, name]));
}

/** An empty list is no SQL; nobody has the id of zeros. */
function given(ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? ['00000000-0000-0000-0000-000000000000'] : ids;
}

const PAGES: Record<string, string> = {
  payment: '/payments/',
  api_key: '/keys/',
  webhook_endpoint: '/webhooks/',
};

function shownEvent(
  event: StoredEvent,
  names: ReadonlyMap<string, string>,
  { base }: MemberWorkspace,
) {
  const subject = names.get(event.subject_id);
  const page = PAGES[event.subject_kind];
  const isThere = event.subject_kind === 'payment' || subject !== undefined;
  return {
    id: event.id,
    at: event.at,
    by: actorOf(event, names),
    words: wordsFor({ ...event, subject }),
    href: page !== undefined && isThere ? `${base}${page}${event.subject_id}` : undefined,
  };
}

/** Whoever has left keeps their name. */
function actorOf(event: StoredEvent, names: ReadonlyMap<string, string>): string {
  switch (event.actor_kind) {
    case 'person':
      return names.get(event.actor_id ?? '') ?? 'A former member';
    case 'api_key':
      return `The key ${names.get(event.actor_id ?? '') ?? 'of the seller'}`;
    case 'customer':
      return 'The customer';
    case 'payment':
      return 'Stripe';
    case 'job':
    case 'system':
      return 'Scrip';
  }
}
