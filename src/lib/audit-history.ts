import { sql } from 'kysely';
import { z } from 'zod';
import type { AuditEvent } from './audit.ts';
import type { Db } from './database.ts';

const EVENTS_MAX = 100;

/** What somebody changed of something: what stood there before and after, as people read it. */
export interface HistoryEvent {
  id: string;
  at: Date;
  action: string;
  who: string;
  reason: string | null;
  before: Readonly<Record<string, string>>;
  after: Readonly<Record<string, string>>;
}

/**
 * The changes of one subject, the newest first.
 * @param db one that sees all of them
 */
export async function historyOf(db: Db, subject: AuditEvent['subject']): Promise<HistoryEvent[]> {
  const rows = await db
    .selectFrom('audit_events as a')
    .leftJoin('people as p', (join) => join.on(sql<boolean>`p.id::text = a.actor_id::text`))
    .select(['a.id', 'a.at', 'a.action', 'a.actor_kind', 'p.name', 'a.reason'])
    .select(['a.before', 'a.after'])
    .where('a.subject_kind', '=', subject.kind)
    .where('a.subject_id', '=', subject.id)
    .orderBy('a.id', 'desc')
    .limit(EVENTS_MAX)
    .execute();
  return rows.map(({ actor_kind, name, before, after, ...row }) => ({
    ...row,
    who: name ?? actor_kind,
    before: Texts.parse(before ?? {}),
    after: Texts.parse(after ?? {}),
  }));
}

/** Of what an event keeps only what is text: the rest is for programs. */
const Texts = z
  .record(z.string(), z.unknown())
  .transform((kept) =>
    Object.fromEntries(
      Object.entries(kept).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
  );
