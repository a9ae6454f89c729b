import type { Visit } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { send as sendWebhooks } from '../webhooks/listening.ts';
import { type Scene, asNewCustomer, send } from './arrivals.ts';

const HOOKS = { Address: 'http://127.0.0.1:1/receivers/of-credits' };
const ADD = 'Add the endpoint';

/** An endpoint that answers nothing, so that it fails, with a delivery. */
async function atFailingEndpoint(visit: Visit, program: TestProgram): Promise<void> {
  await asNewCustomer(visit, program, '/webhooks');
  await send(visit, HOOKS, ADD);
  await visit.page.getByRole('link', { name: 'Go on to the endpoint' }).click();
  await visit.page.getByRole('button', { name: 'Send a test event' }).click();
  await visit.page.getByText('What was answered').waitFor();
  await sendWebhooks(program.database);
  await visit.page.getByText('The connection was refused.').waitFor();
}

/** The pages of webhooks in their states. */
export const webhookScenes: Scene[] = [
  {
    name: 'webhooks',
    says: 'Webhooks',
    open: (visit, program) => asNewCustomer(visit, program, '/webhooks'),
  },
  {
    name: 'webhooks refused',
    says: 'Webhooks',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/webhooks');
      for (const tick of await visit.page.getByRole('checkbox').all()) await tick.uncheck();
      await send(visit, { Address: 'example' }, ADD);
      await visit.page.getByText('Two fields need a change').waitFor();
    },
  },
  {
    name: 'webhook endpoint added',
    says: 'The endpoint was added',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '/webhooks');
      await send(visit, HOOKS, ADD);
      await visit.page.getByText('It is shown only now').waitFor();
    },
  },
  {
    name: 'webhook delivery',
    says: 'webhook.test',
    open: atFailingEndpoint,
  },
  {
    name: 'webhook endpoint that fails',
    says: '127.0.0.1:1',
    open: async (visit, program) => {
      await atFailingEndpoint(visit, program);
      await visit.page.getByRole('link', { name: 'Webhooks to' }).click();
      await visit.page.getByText('It fails.').waitFor();
    },
  },
  {
    name: 'webhook endpoint that is paused',
    says: '127.0.0.1:1',
    open: async (visit, program) => {
      await atFailingEndpoint(visit, program);
      await visit.page.getByRole('link', { name: 'Webhooks to' }).click();
      await visit.page.getByRole('button', { name: 'Pause' }).click();
      await visit.page.getByText('It is paused.').waitFor();
      await visit.page.getByText('Remove the endpoint').first().click();
      await visit.page.getByText('Make a new secret').first().click();
    },
  },
  {
    name: 'webhooks listed',
    says: 'Webhooks',
    open: async (visit, program) => {
      await atFailingEndpoint(visit, program);
      await visit.page.locator('summary', { hasText: 'account menu' }).click();
      await visit.page.getByRole('link', { name: 'Webhooks', exact: true }).last().click();
      await visit.page.getByText('/receivers/of-credits').waitFor();
    },
  },
];
