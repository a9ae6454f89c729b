import { UnsubscribeLinks } from '../../src/alerts/unsubscribe-links.ts';
import { handOnNews } from '../alerts/alerting.ts';
import type { Visit } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { type Scene, asNewCustomer, send } from './arrivals.ts';
import { spendMessages } from './scenes.ts';

/** Somebody who is told that few credits are left, on a page of theirs. */
async function asAlerted(visit: Visit, program: TestProgram, path: string): Promise<Customer> {
  const customer = await asNewCustomer(visit, program, '');
  const links = new UnsubscribeLinks(program.sessionSecrets);
  for (const messages of [0, 410, 85]) {
    if (messages > 0) await spendMessages(program, customer, messages, `${messages} messages`);
    await handOnNews(program.database, links);
  }
  await visit.page.goto(`/w/${customer.slug}${path}`);
  return customer;
}

/** An alert of a spike, whose key has been made by a form. */
export async function atSpike(visit: Visit, program: TestProgram): Promise<void> {
  const customer = await asNewCustomer(visit, program, '/keys');
  await send(visit, { Name: 'web-prod' }, 'Make the key');
  await visit.page.getByText('shown only now').first().waitFor();
  await program.database.query(
    `insert into alerts (id, workspace_id, wallet_id, livemode, kind, subject, facts)
     select gen_random_uuid(), $1, $2, true, 'spike', 'hour', jsonb_build_object('spent', '67',
       'usual', '4', 'from', '2026-11-20T13:00:00.000Z', 'until', '2026-11-20T14:00:00.000Z',
       'api_key', id, 'api_key_name', name, 'api_key_spent', '60')
     from api_keys where workspace_id = $1`,
    [customer.workspace_id, customer.wallet_id],
  );
  await visit.page.goto(`/w/${customer.slug}/alerts`);
  await visit.page.getByRole('link', { name: 'Usage is far above' }).click();
  await visit.page.getByText('Pause the key web-prod').waitFor();
}

/** The pages of alerts in their states. */
export const alertScenes: Scene[] = [
  {
    name: 'alerts empty',
    says: 'Alerts',
    open: (visit, program) => asNewCustomer(visit, program, '/alerts'),
  },
  {
    name: 'alerts unread',
    says: 'Alerts',
    open: async (visit, program) => {
      await asAlerted(visit, program, '/alerts');
      await visit.page.getByRole('button', { name: 'Mark all as read' }).waitFor();
    },
  },
  {
    name: 'alert of few credits',
    says: 'Only 0.50 credits are left',
    open: async (visit, program) => {
      await asAlerted(visit, program, '/alerts');
      await visit.page.getByRole('link', { name: 'Only 0.50 credits' }).click();
      await visit.page.getByText('In figures').waitFor();
    },
  },
  { name: 'alert of a spike', says: 'Usage is far above the usual', open: atSpike },
  {
    name: 'key that is paused',
    says: 'web-prod',
    open: async (visit, program) => {
      await atSpike(visit, program);
      await visit.page.getByRole('button', { name: 'Pause the key' }).click();
      await visit.page.getByRole('button', { name: 'Resume the key' }).waitFor();
    },
  },
  {
    name: 'alert settings',
    says: 'Alert settings',
    open: (visit, program) => asNewCustomer(visit, program, '/alerts/settings'),
  },
  {
    name: 'alert settings refused',
    says: 'Alert settings',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/alerts/settings');
      await send(visit, { 'Low, in percent of what came last': 'many' }, 'Keep the settings');
      await visit.page.getByText('One field needs a change').waitFor();
    },
  },
  {
    name: 'mails about alerts ended',
    says: 'No more of these mails',
    open: async (visit, program) => {
      const customer = await asAlerted(visit, program, '');
      const [mail] = await program.database.query<{ path: string }>(
        `select unsubscribe_path as path from mails
         where to_address = $1 and unsubscribe_path is not null`,
        [customer.email],
      );
      await visit.page.goto(mail?.path ?? '');
      await visit.page.getByRole('button', { name: 'End these mails' }).click();
      await visit.page.getByText('no more mails of this kind').waitFor();
    },
  },
];
