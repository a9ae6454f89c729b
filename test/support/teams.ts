import type { Customer, TestProgram } from './program.ts';

type Member = Pick<Customer, 'browser' | 'slug'>;

/** Invites an address by the form of the page; returns the path that the mail leads to. */
export async function invited(
  { browser, slug }: Member,
  email: string,
  role: 'admin' | 'member',
): Promise<string> {
  const answer = await askToInvite({ browser, slug }, email, role);
  if (answer.status !== 201) throw new Error(`inviting answered ${answer.status}`);
  return linkIn(answer.text);
}

/** The form as it is sent, and the answer. */
export async function askToInvite({ browser, slug }: Member, email: string, role: string) {
  const nonce = crypto.randomUUID();
  return browser.post(`/w/${slug}/team/invitations`).type('form').send({ email, role, nonce });
}

/** The path of the link that a page shows once. */
export function linkIn(html: string): string {
  const path = /\/invitations\/[\w-]{43}/.exec(html)?.[0];
  if (path === undefined) throw new Error('the page shows no link');
  return path;
}

export interface Joined extends Customer {
  person_id: string;
  /** Of the workspace that was joined. */
  path: string;
}

/** Somebody new who was invited into a workspace, and accepted. */
export async function joined(
  program: TestProgram,
  owner: Customer,
  { role = 'member', name = 'Grace Hopper' }: { role?: 'admin' | 'member'; name?: string } = {},
): Promise<Joined> {
  const person = await program.signUp(name);
  const link = await invited(owner, person.email, role);
  const answer = await person.browser.post(link);
  if (answer.headers['location'] !== `/w/${owner.slug}`) {
    throw new Error(`accepting answered ${answer.status}: ${answer.text}`);
  }
  return { ...person, person_id: await personIdOf(program, person), path: `/w/${owner.slug}` };
}

export async function personIdOf(program: TestProgram, { email }: { email: string }) {
  const [row] = await program.database.query<{ id: string }>(
    'select id from people where email = $1',
    [email],
  );
  if (row === undefined) throw new Error(`nobody has the address ${email}`);
  return row.id;
}

/** Sets a member's budget by the form of the page. */
export async function setBudgetOf(
  manager: Member,
  { person_id }: { person_id: string },
  fields: { limit: string; period: string; kind?: 'hard' | 'warning' },
): Promise<void> {
  const path = `/w/${manager.slug}/team/members/${person_id}/budgets`;
  const answer = await manager.browser
    .post(path)
    .type('form')
    .send({ kind: 'hard', ...fields });
  if (answer.status !== 303) throw new Error(`setting a budget answered ${answer.status}`);
}
