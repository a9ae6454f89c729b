import { type Connections, readWorkspace } from '../lib/database.ts';
import { sessionsOfPeople } from '../people/sessions.ts';
import { ROLE_WORDS } from '../workspaces/team-page.ts';
import type { Customer } from './customers.ts';

const MEMBERS_SHOWN = 200;

/** Who belongs to a customer, and where they are signed in. */
export async function customerPeople({ app }: Connections, { id }: Customer) {
  const found = await readWorkspace(app, id, (trx) =>
    trx
      .selectFrom('memberships as m')
      .innerJoin('people as p', 'p.id', 'm.person_id')
      .select(['p.id', 'p.name', 'p.email', 'p.email_verified_at', 'p.deactivated_at'])
      .select(['p.deleted_at', 'p.staff_role', 'p.created_at', 'm.role', 'm.created_at as since'])
      .where('m.workspace_id', '=', id)
      .orderBy((row) => row.case().when('m.role', '=', 'owner').then(0).else(1).end())
      .orderBy('p.name')
      .orderBy('p.id')
      .limit(MEMBERS_SHOWN)
      .execute(),
  );
  const sessions = await sessionsOfPeople(
    app,
    found.map((person) => person.id),
  );
  return found.map(({ role, ...person }) => ({
    ...person,
    role_label: ROLE_WORDS[role].label,
    sessions: sessions.get(person.id) ?? [],
  }));
}
