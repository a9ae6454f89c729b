import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Origin, audit } from '../../lib/audit.ts';
import type { Db, Trx } from '../../lib/database.ts';
import { IDLE_MS } from '../../lib/sessions.ts';

/** A session as its owner sees it. */
export interface ShownSession {
  /** Names it in a form: the id itself would let whoever reads the page in. */
  handle: string;
  device: string;
  began_at: Date;
  /** To the hour. */
  seen_at: Date;
  /** Whether it is the one that looks. */
  is_this: boolean;
}

/** The sessions of a person, the one that looks first, then those that were used last. */
export async function sessionsOf(
  db: Db,
  personId: string,
  sessionId: string,
): Promise<ShownSession[]> {
  const rows = await selectSessions(db, [personId]).execute();
  const shown = rows.map((row) => ({ ...shownSession(row), is_this: row.sid === sessionId }));
  return [...shown.filter((one) => one.is_this), ...shown.filter((one) => !one.is_this)];
}

/** The sessions of some people, by person, as others see them. */
export async function sessionsOfPeople(
  db: Db,
  personIds: readonly string[],
): Promise<Map<string, Omit<ShownSession, 'is_this'>[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await selectSessions(db, personIds).execute();
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id ?? '');
  return new Map([...byPerson].map(([id, own]) => [id, own.map(shownSession)]));
}

function selectSessions(db: Db, personIds: readonly string[]) {
  return db
    .selectFrom('sessions')
    .select(['sid', 'expire', 'person_id'])
    .select([
      sql<string | null>`sess ->> 'device'`.as('device'),
      sql<string | null>`sess ->> 'began_at'`.as('began_at'),
    ])
    .where('person_id', 'in', personIds)
    .where('expire', '>', new Date())
    .orderBy('expire', 'desc');
}

type StoredSession = Awaited<ReturnType<ReturnType<typeof selectSessions>['execute']>>[number];

function shownSession({ sid, expire, device, began_at }: StoredSession) {
  return {
    handle: handleOf(sid),
    device: device ?? 'An unknown device',
    began_at: new Date(Number(began_at)),
    // A session is good for so long after it was seen.
    seen_at: new Date(expire.getTime() - IDLE_MS),
  };
}

/**
 * Ends one other session of a person, or all others.
 * @returns how many ended
 */
export async function endOtherSessions(
  trx: Trx,
  options: {
    person_id: string;
    /** The one that asks, which stays. */
    session_id: string;
    /** Undefined: all others. */
    handle: string | undefined;
    origin: Origin;
  },
): Promise<number> {
  const { person_id, session_id, handle, origin } = options;
  const rows = await trx
    .selectFrom('sessions')
    .select('sid')
    .where('person_id', '=', person_id)
    .where('sid', '<>', session_id)
    .execute();
  const ends = rows.filter(({ sid }) => handle === undefined || handleOf(sid) === handle);
  if (ends.length === 0) return 0;
  await trx
    .deleteFrom('sessions')
    .where(
      'sid',
      'in',
      ends.map(({ sid }) => sid),
    )
    .execute();
  await audit(trx, {
    actor: { kind: 'person', id: person_id },
    action: 'person.sessions_ended',
    subject: { kind: 'person', id: person_id },
    after: { ended: ends.length },
    origin,
  });
  return ends.length;
}

function handleOf(sid: string): string {
  return createHash('sha256').update(sid).digest('base64url').slice(0, 22);
}
