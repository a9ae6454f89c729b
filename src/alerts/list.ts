import { sql } from 'kysely';
import { type AlertKind, ALERT_KINDS, mayHear } from '../core/alerts.ts';
import type { Db, Trx } from '../lib/database.ts';
import { type Show } from '../lib/formatting.ts';
import { explain } from './explained.ts';
import { readFacts } from './facts.ts';

const SHOWN = 30;

/** A member who looks at the alerts of a workspace. */
export interface Onlooker {
  workspace_id: string;
  person_id: string;
  isManager: boolean;
}

interface StoredAlert {
  id: string;
  kind: AlertKind;
  facts: unknown;
  raised_at: Date;
  ended_at: Date | null;
  unread: boolean;
}

/** The newest alerts of a workspace, or those before one; a page of them. */
export async function alertPage(db: Db, who: Onlooker, show: Show, before?: string) {
  const found = await selectAlerts(db, who)
    .$if(before !== undefined, (query) => query.where('a.id', '<', before ?? ''))
    .orderBy('a.id', 'desc')
    .limit(SHOWN + 1)
    .execute();
  const alerts = found.slice(0, SHOWN);
  return {
    alerts: alerts.map((alert) => shown(alert, show)),
    older: found.length > SHOWN ? alerts.at(-1)?.id : undefined,
    newest: before === undefined,
  };
}

/** One alert, and the key that it names as it is now; undefined for what is none, or somebody else's. */
export async function findAlert(db: Db, who: Onlooker, id: string, show: Show) {
  const alert = await selectAlerts(db, who).where('a.id', '=', id).executeTakeFirst();
  if (alert === undefined) return undefined;
  const one = shown(alert, show);
  const key =
    one.key === undefined || !who.isManager
      ? undefined
      : await db
          .selectFrom('api_keys')
          .select(['id', 'name', 'paused_at', 'revoked_at'])
          .where('id', '=', one.key.id)
          .where('workspace_id', '=', who.workspace_id)
          .executeTakeFirst();
  return { ...one, key: key === undefined ? undefined : { ...key, state: stateOf(key) } };
}

/** Marks alerts as read, one or all. @returns how many were not */
export async function markRead(
  trx: Trx,
  { workspace_id, person_id }: Onlooker,
  id?: string,
): Promise<number> {
  const read = await trx
    .updateTable('alert_notices')
    .set({ read_at: sql<Date>`now()` })
    .where('workspace_id', '=', workspace_id)
    .where('person_id', '=', person_id)
    .where('read_at', 'is', null)
    .$if(id !== undefined, (query) => query.where('alert_id', '=', id ?? ''))
    .executeTakeFirst();
  return Number(read.numUpdatedRows);
}

function selectAlerts(db: Db, { workspace_id, person_id, isManager }: Onlooker) {
  const kinds = ALERT_KINDS.filter((kind) => mayHear(kind, isManager));
  return db
    .selectFrom('alerts as a')
    .leftJoin('alert_notices as n', (join) =>
      join.onRef('n.alert_id', '=', 'a.id').on('n.person_id', '=', person_id),
    )
    .select(['a.id', 'a.kind', 'a.facts', 'a.raised_at', 'a.ended_at'])
    .select(sql<boolean>`n.alert_id is not null and n.read_at is null`.as('unread'))
    .where('a.workspace_id', '=', workspace_id)
    .where('a.livemode', '=', true)
    .where('a.kind', 'in', kinds);
}

function shown({ id, kind, facts, raised_at, ended_at, unread }: StoredAlert, show: Show) {
  const said = explain(readFacts(kind, facts), show);
  return { ...said, id, raised_at, ended_at: ended_at ?? undefined, unread };
}

function stateOf(key: { paused_at: Date | null; revoked_at: Date | null }) {
  if (key.revoked_at !== null) return 'revoked';
  return key.paused_at === null ? 'good' : 'paused';
}
