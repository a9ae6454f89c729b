import { sql } from 'kysely';
import type { Connections } from '../lib/database.ts';

/** Who looks at the pages of a workspace for a long time, and by what they were let in. */
export interface Onlooker {
  /** One person, or one customer of a product. */
  key: string;
  workspace_id: string;
  by: { kind: 'member'; session_id: string; person_id: string } | { kind: 'link'; until: Date };
}

/**
 * Those who would be let in again: their session has not ended, the person is active and a member of
 * the workspace; or the visit by a link is not over. Sessions are looked at, and not prolonged.
 */
export async function stillAllowed<One extends Onlooker>(
  { app, staff }: Connections,
  onlookers: readonly One[],
): Promise<Set<One>> {
  const members = onlookers.flatMap(({ by }) => (by.kind === 'member' ? [by] : []));
  const sessionIds = members.map((member) => member.session_id);
  const personIds = [...new Set(members.map((member) => member.person_id))];
  const workspaceIds = [...new Set(onlookers.map((one) => one.workspace_id))];
  const [signedIn, memberships, workspaces] = await Promise.all([
    app
      .selectFrom('sessions as s')
      .innerJoin('people as p', 'p.id', 's.person_id')
      .select(['s.sid', 'p.id'])
      .where('s.sid', '=', sql<string>`any(${sessionIds})`)
      .where('s.expire', '>', sql<Date>`now()`)
      .where('p.deactivated_at', 'is', null)
      .execute(),
    staff
      .selectFrom('memberships')
      .select(['person_id', 'workspace_id'])
      .where('person_id', '=', sql<string>`any(${personIds})`)
      .execute(),
    staff
      .selectFrom('workspaces')
      .select('id')
      .where('id', '=', sql<string>`any(${workspaceIds})`)
      .where('deactivated_at', 'is', null)
      .execute(),
  ]);
  const good = new Set([
    ...signedIn.map(({ sid, id }) => `${sid} ${id}`),
    ...memberships.map(({ person_id, workspace_id }) => `${person_id} ${workspace_id}`),
    ...workspaces.map(({ id }) => id),
  ]);
  return new Set(
    onlookers.filter(({ by, workspace_id }) => {
      if (!good.has(workspace_id)) return false;
      if (by.kind === 'link') return by.until > new Date();
      const { session_id, person_id } = by;
      return good.has(`${session_id} ${person_id}`) && good.has(`${person_id} ${workspace_id}`);
    }),
  );
}
