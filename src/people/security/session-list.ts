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
  const rows = await db
    .selectFrom('sessions')
    .select(['sid', 'expire'])
    .select([
      sql<string | null>`sess ->> 'device'`.as('device'),
      sql<string | null>`sess ->> 'began_at'`.as('began_at'),
    ])
    .where('person_id', '=', personId)
    .where('expire', '>', new Date())
    .orderBy('expire', 'desc')
    .execute();
  const shown = rows.map(({ sid, expire, device, began_at }) => ({
    handle: handleOf(sid),
    device: device ?? 'An unknown device',
    began_at: new Date(Number(began_at)),
    // A session is good for so long after it was seen.
    seen_at: new Date(expire.getTime() - IDLE_MS),
    is_this: sid === sessionId,
  }));
  return [...shown.filter((one) => one.is_this), ...shown.filter((one) => !one.is_this)];
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
