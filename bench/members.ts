import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Customer } from './customers.ts';
import type { Postgres } from './postgres.ts';
import type { Server } from './server.ts';

/** Somebody who is signed in, and whose workspace has the wallet of a customer that was loaded. */
export interface Member {
  /** Where the workspace's pages are. */
  path: string;
  cookie: string;
}

/** Makes a person with a session for each of these customers, written as signing up would. */
export async function membersOf(
  { query }: Postgres,
  { sessionSecret }: Pick<Server, 'sessionSecret'>,
  customers: readonly Customer[],
): Promise<Member[]> {
  const members = customers.map(({ workspace_id }) => ({
    person_id: randomUUID(),
    session_id: randomBytes(24).toString('base64url'),
    workspace_id,
  }));
  const [people, sessions, workspaces] = [
    members.map((member) => member.person_id),
    members.map((member) => member.session_id),
    members.map((member) => member.workspace_id),
  ];
  await query(
    `insert into people (id, email, email_normalized, name)
     select id, id || '@example.com', id || '@example.com', 'Ada Byron' from unnest($1::uuid[]) id`,
    [people],
  );
  await query(
    `insert into memberships (workspace_id, person_id, role)
     select workspace, person, 'owner' from unnest($1::uuid[], $2::uuid[]) as t(workspace, person)`,
    [workspaces, people],
  );
  await query(
    `insert into sessions (sid, expire, sess)
     select session, now() + interval '10 days', json_build_object(
       'cookie', json_build_object('originalMaxAge', 1209600000, 'httpOnly', true, 'path', '/'),
       'passport', json_build_object('user', person),
       'began_at', (extract(epoch from now()) * 1000)::bigint)
     from unnest($1::text[], $2::uuid[]) as t(session, person)`,
    [sessions, people],
  );
  return members.map(({ session_id, workspace_id }) => ({
    path: `/w/${workspace_id}`,
    cookie: `sid=${encodeURIComponent(`s:${session_id}.${signatureOf(session_id, sessionSecret)}`)}`,
  }));
}

/** As express-session signs the ids that it gives out. */
function signatureOf(sessionId: string, secret: string): string {
  return createHmac('sha256', secret).update(sessionId).digest('base64').replace(/=+$/, '');
}
