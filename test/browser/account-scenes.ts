import type { Visit } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { pathMailedTo } from '../people/mailed.ts';
import type { Scene } from './arrivals.ts';
import { send } from './arrivals.ts';

const PASSWORD = 'violet anchor tuesday';

/** Somebody who has just made an account by its page. */
async function justSignedUp(visit: Visit): Promise<string> {
  const email = `ada-${performance.now()}@example.com`;
  await visit.page.goto('/sign-up');
  await send(
    visit,
    { Name: 'Ada Byron', 'E-mail': email, Password: PASSWORD },
    'Create the account',
  );
  await visit.page.getByText('not verified yet').waitFor();
  return email;
}

/** Opens the link of the newest mail of a kind. */
async function openMailed(
  { page }: Visit,
  program: TestProgram,
  email: string,
  kind: string,
): Promise<void> {
  await page.goto(await pathMailedTo(program.database, email, kind));
}

/** How people get in and stay in. */
export const accountScenes: Scene[] = [
  { name: 'address not verified', says: 'Overview', open: justSignedUp },
  {
    name: 'verify another link',
    says: 'Verify your e-mail address',
    open: async (visit) => {
      await justSignedUp(visit);
      await visit.page.getByRole('link', { name: 'Verify it' }).click();
      await send(visit, {}, 'Send another link');
      await visit.page.getByText('A new link is on its way').waitFor();
    },
  },
  {
    name: 'verify by the link',
    says: 'Is this your address?',
    open: async (visit, program) => {
      await openMailed(visit, program, await justSignedUp(visit), 'address.verify');
    },
  },
  {
    name: 'verified',
    says: 'Your address is verified',
    open: async (visit, program) => {
      await openMailed(visit, program, await justSignedUp(visit), 'address.verify');
      await send(visit, {}, 'It is mine');
      await visit.page.getByText('and we write to you there').waitFor();
    },
  },
  {
    name: 'link that is over',
    says: 'This link is no longer good',
    open: async (visit) => {
      await justSignedUp(visit);
      await visit.page.goto('/verify/nothing');
    },
  },
];
