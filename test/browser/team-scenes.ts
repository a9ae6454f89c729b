import type { Visit } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { invited, joined, setBudgetOf } from '../support/teams.ts';
import { type Scene, asNewCustomer, send } from './arrivals.ts';

/** The owner of a workspace in which others are, and to which more are invited. */
async function asOwner(visit: Visit, program: TestProgram, path = '/team') {
  const owner = await asNewCustomer(visit, program, '');
  const admin = await joined(program, owner, { role: 'admin', name: 'Grace Hopper' });
  const member = await joined(program, owner, { role: 'member', name: 'Katherine Johnson' });
  await setBudgetOf(owner, member, { limit: '40', period: 'week' });
  await setBudgetOf(owner, member, { limit: '100', period: 'month', kind: 'warning' });
  await invited(owner, 'dorothy.vaughan@northlight-talent.example', 'member');
  await visit.page.goto(`/w/${owner.slug}${path}`);
  return { owner, admin, member };
}

/** Somebody who is in so many workspaces. */
async function inMany(visit: Visit, program: TestProgram, many: number): Promise<Customer> {
  const customer = await asNewCustomer(visit, program, '');
  await program.database.query(
    `with made as (
       insert into workspaces (id, kind, name, slug)
       select gen_random_uuid(), 'team', 'Northlight Talent ' || n, 'northlight-' || $2 || n
       from generate_series(1, $3::int) n returning id),
     opened as (
       insert into wallets (id, workspace_id, livemode)
       select gen_random_uuid(), id, mode from made, unnest(array[true, false]) mode)
     insert into memberships (workspace_id, person_id, role)
     select m.id, p.id, 'member' from made m, people p where p.email = $1`,
    [customer.email, customer.slug, many],
  );
  return customer;
}

export const teamScenes: Scene[] = [
  {
    name: 'team of one',
    says: 'Team',
    open: (visit, program) => asNewCustomer(visit, program, '/team'),
  },
  { name: 'team', says: 'Team', open: asOwner },
  {
    name: 'team invited',
    says: 'Team',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/team');
      await send(visit, { 'E-mail': 'grace@example.com' }, 'Send the invitation');
      await visit.page.getByText('is on its way by mail').waitFor();
    },
  },
  {
    name: 'team refused',
    says: 'Team',
    open: async (visit, program) => {
      const owner = await asNewCustomer(visit, program, '/team');
      await send(visit, { 'E-mail': owner.email }, 'Send the invitation');
      await visit.page.locator('#refusal').waitFor();
    },
  },
  {
    name: 'member',
    says: 'Katherine Johnson',
    open: async (visit, program) => {
      await asOwner(visit, program);
      await visit.page.getByRole('link', { name: 'Katherine Johnson' }).click();
      await visit.page.getByText('Hand the workspace over').click();
      await visit.page.getByText('out of the workspace').first().click();
      await visit.page.getByText('Raise it until').first().click();
    },
  },
  {
    name: 'member budget refused',
    says: 'Katherine Johnson',
    open: async (visit, program) => {
      await asOwner(visit, program);
      await visit.page.getByRole('link', { name: 'Katherine Johnson' }).click();
      await visit.page.getByRole('textbox', { name: 'Credits', exact: true }).fill('many');
      await send(visit, {}, 'Set the budget');
      await visit.page.locator('#refusal').waitFor();
    },
  },
  {
    name: 'activity',
    says: 'Activity',
    open: (visit, program) => asOwner(visit, program, '/activity'),
  },
  {
    name: 'workspace settings',
    says: 'Workspace settings',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/settings');
      await send(visit, { Name: 'Northlight Talent' }, 'Keep the settings');
      await visit.page.getByText('Kept.').waitFor();
    },
  },
  {
    name: 'new workspace',
    says: 'New workspace',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto('/workspaces/new');
    },
  },
  {
    name: 'workspaces many',
    says: 'Workspaces',
    open: async (visit, program) => {
      await inMany(visit, program, 30);
      await visit.page.goto('/workspaces');
    },
  },
  {
    name: 'workspaces in the menu',
    says: 'Alerts',
    open: async (visit, program) => {
      await inMany(visit, program, 30);
      // A page on which the menu covers no half of a link.
      await visit.page.goto(`${visit.page.url()}/alerts`);
      await visit.page.locator('.acct summary').click();
    },
  },
  {
    name: 'invitation signed out',
    says: 'Join Ada Byron',
    open: async ({ page }, program) => {
      const owner = await program.signUp();
      await page.goto(await invited(owner, 'grace@example.com', 'member'));
    },
  },
  {
    name: 'invitation for another address',
    says: 'Join Ada Byron',
    open: async (visit, program) => {
      const owner = await program.signUp();
      await asNewCustomer(visit, program, '');
      await visit.page.goto(await invited(owner, 'grace@example.com', 'member'));
    },
  },
  {
    name: 'invitation to accept',
    says: 'Join Ada Byron',
    open: async (visit, program) => {
      const owner = await program.signUp();
      const invitee = await asNewCustomer(visit, program, '');
      await visit.page.goto(await invited(owner, invitee.email, 'admin'));
    },
  },
  {
    name: 'invitation that is over',
    says: 'This invitation is over',
    open: async (visit, program) => {
      const owner = await program.signUp();
      const invitee = await asNewCustomer(visit, program, '');
      const link = await invited(owner, invitee.email, 'member');
      await program.database.query(
        "update invitations set expires_at = now() - interval '1 day' where email = $1",
        [invitee.email],
      );
      await visit.page.goto(link);
    },
  },
];
