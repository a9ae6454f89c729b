import { sql } from 'kysely';
import type { StaffRole } from '../core/staff-functions.ts';
import { type StaffRequestKind, kindsToApprove } from '../core/staff-limits.ts';
import type { Db } from '../lib/database.ts';

const PAGE = 50;

/** A request of the staff as a list shows it. */
export type ListedRequest = Awaited<
  ReturnType<ReturnType<typeof selectListed>['executeTakeFirstOrThrow']>
>;

/** Requests that wait, the oldest first, or a page of those that are over, the newest first. */
export async function requestPage(
  db: Db,
  { show, before }: { show: 'waiting' | 'over'; before?: string | undefined },
): Promise<{ requests: ListedRequest[]; older: string | undefined }> {
  if (show === 'waiting') {
    const query = selectListed(db).where('r.state', '=', 'waiting').where(NOT_EXPIRED);
    return { requests: await query.orderBy('r.created_at').execute(), older: undefined };
  }
  // What was carried out at once never waited for anybody.
  let query = selectListed(db)
    .where('r.expires_at', 'is not', null)
    .where((row) => row.or([row('r.state', '<>', 'waiting'), row.not(NOT_EXPIRED)]))
    .orderBy('r.id', 'desc')
    .limit(PAGE + 1);
  if (before !== undefined) query = query.where('r.id', '<', before);
  const rows = await query.execute();
  const requests = rows.slice(0, PAGE);
  return { requests, older: rows.length > PAGE ? requests.at(-1)?.id : undefined };
}

export async function requestReport(db: Db, id: string): Promise<ListedRequest | undefined> {
  return selectListed(db).where('r.id', '=', id).executeTakeFirst();
}

/** What waits of a payment, a wallet or a file of grants. */
export async function requestsAbout(db: Db, subjectId: string): Promise<ListedRequest[]> {
  return selectListed(db)
    .where('r.subject_id', '=', subjectId)
    .where('r.state', '=', 'waiting')
    .where(NOT_EXPIRED)
    .orderBy('r.id')
    .execute();
}

/** How many requests wait that somebody could approve: not their own. */
export async function requestsFor(db: Db, by: { id: string; role: StaffRole }): Promise<number> {
  const kinds: readonly StaffRequestKind[] = kindsToApprove(by.role);
  if (kinds.length === 0) return 0;
  const { waiting } = await db
    .selectFrom('staff_requests as r')
    .select(sql<number>`count(*)::int`.as('waiting'))
    .where('r.state', '=', 'waiting')
    .where(NOT_EXPIRED)
    .where('r.asked_by', '<>', by.id)
    .where('r.kind', 'in', kinds)
    .executeTakeFirstOrThrow();
  return waiting;
}

const NOT_EXPIRED = sql<boolean>`r.expires_at > now()`;

function selectListed(db: Db) {
  return db
    .selectFrom('staff_requests as r')
    .innerJoin('people as p', 'p.id', 'r.asked_by')
    .leftJoin('people as d', 'd.id', 'r.decided_by')
    .leftJoin('workspaces as w', 'w.id', 'r.workspace_id')
    .leftJoin('wallets as l', 'l.id', 'r.subject_id')
    .select(['r.id', 'r.workspace_id', 'r.kind', 'r.subject_id', 'r.amount', 'r.currency'])
    .select(['r.credits_expire_at', 'r.reason', 'r.state', 'r.asked_by', 'r.created_at'])
    .select(['r.expires_at', 'r.decided_at', 'r.decision_reason'])
    .select(['r.entry_seq', 'l.livemode'])
    .select(['p.name as asker', 'd.name as decider', 'w.name as workspace'])
    .select(sql<boolean>`r.state = 'waiting' and not ${NOT_EXPIRED}`.as('is_expired'))
    .select(sql<boolean>`coalesce(r.decided_by = r.asked_by, false)`.as('is_withdrawn'));
}
