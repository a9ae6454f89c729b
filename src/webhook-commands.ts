/** What the command line does with the seller's own endpoints, which hear of all wallets. */
import type { Config } from './config.ts';
import { encryptionKeysOf } from './local-services.ts';
import { openDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';
import { type By, addEndpoint, endpointsOf, removeEndpoint } from './webhooks/endpoints.ts';
import { EVENT_TYPES } from './webhooks/events.ts';
import { endpointSecrets } from './webhooks/secrets.ts';
import { eventsField, urlField } from './webhooks/forms.ts';

const SELLER: By = { workspace_id: null, actor: { kind: 'system' } };

export async function addWebhook(
  running: Running,
  config: Config,
  values: { url?: string | undefined; events?: string | undefined; test?: boolean | undefined },
): Promise<void> {
  if (values.url === undefined) throw new Error('add-webhook needs --url URL.');
  const url = urlField(config.production).safeParse(values.url);
  const events = eventsField.safeParse(values.events?.split(',') ?? EVENT_TYPES);
  const faults = [url, events].flatMap(({ error }) => error?.issues ?? []);
  if (!url.success || !events.success) {
    throw new Error(faults.map(({ message }) => message).join(' '));
  }
  const { app } = await openDatabase(running, config);
  const secrets = endpointSecrets(await encryptionKeysOf(config));
  const endpoint = { url: url.data, events: events.data, livemode: values.test !== true };
  const added = await app
    .transaction()
    .execute((trx) => addEndpoint(trx, endpoint, SELLER, secrets));
  if (added === 'there_already') throw new Error(`There is an endpoint at ${url.data} already.`);
  if (added === 'too_many') throw new Error('There are as many endpoints as there may be.');
  say(`${added.id} is told of all wallets. Its secret is shown only now:\n${added.secret}`);
}

export async function listWebhooks(running: Running, config: Config): Promise<void> {
  const { app } = await openDatabase(running, config);
  const endpoints = await endpointsOf(app, null);
  if (endpoints.length === 0) say('There is no endpoint of the seller.');
  for (const { id, url, livemode, paused_reason, failures } of endpoints) {
    const state = paused_reason ?? (failures > 0 ? `${failures} failures in a row` : 'on');
    say(`${id} ${livemode ? 'live' : 'test'} ${url}: ${state.replace('_', ' ')}`);
  }
}

export async function removeWebhook(
  running: Running,
  config: Config,
  id: string | undefined,
): Promise<void> {
  if (id === undefined || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new Error('remove-webhook needs --id ID, as webhooks prints it.');
  }
  const { app } = await openDatabase(running, config);
  const removed = await app.transaction().execute((trx) => removeEndpoint(trx, id, SELLER));
  if (!removed) throw new Error(`There is no endpoint ${id} of the seller.`);
  say(`${id} is told nothing more.`);
}
