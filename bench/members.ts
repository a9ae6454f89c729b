import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Customer } from './customers.ts';
import type { Postgres } from './postgres.ts';

/** Somebody who is signed in and whose workspace has the wallet of a customer that was loaded. */
export interface Member {
  /** Where the workspace's pages are. */
  path: string;
  cookie: string;
}

/** Signs somebody up over HTTP, and makes a customer's workspace theirs. */
export async function memberOf(
  { query }: Postgres,
  port: number,
  customer: Customer,
): Promise<Member> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const cookie = await signUp(port, email);
  const slug = `bench-${randomBytes(3).toString('hex')}`;
  await query(`update workspaces set kind = 'team', external_id = null, slug = $2 where id = $1`, [
    customer.workspace_id,
    slug,
  ]);
  await query(
    `insert into memberships (workspace_id, person_id, role)
     select $1, id, 'owner' from people where email = $2`,
    [customer.workspace_id, email],
  );
  return { path: `/w/${slug}`, cookie };
}

function signUp(port: number, email: string): Promise<string> {
  const origin = `http://127.0.0.1:${port}`;
  const password = randomBytes(12).toString('hex');
  const form = new URLSearchParams({ name: 'Ada Byron', email, password }).toString();
  const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/sign-up`, { method: 'POST', headers, agent: false });
    asked.once('response', (answer) => {
      answer.resume();
      const [cookie] = /sid=[^;]+/.exec(String(answer.headers['set-cookie'])) ?? [];
      if (cookie === undefined) reject(new Error(`signing up answered ${answer.statusCode}`));
      else resolve(cookie);
    });
    asked.once('error', reject).end(form);
  });
}
