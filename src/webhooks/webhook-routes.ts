import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { setMark, walletIdOf } from '../ledger/wallets.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import type { SecretBox } from '../lib/secret-box.ts';
import { managersOnly, refreshPurse, scopeOf } from '../workspaces/scope.ts';
import { addDelivery, redeliver } from './deliveries.ts';
import {
  type By,
  PREVIOUS_SECRET_HOURS,
  addEndpoint,
  findEndpoint,
  pauseEndpoint,
  removeEndpoint,
  resumeEndpoint,
  rollSecret,
} from './endpoints.ts';
import { EVENT_TYPES, testMessage } from './events.ts';
import { MarkForm, endpointForm, eventsField } from './forms.ts';
import { deliveryPage, endpointPage, listPage } from './pages.ts';

interface Dependencies {
  connections: Connections;
  /** Where the secrets of endpoints are kept. */
  secrets: SecretBox;
  /** Only addresses of the public internet may be named. */
  publicOnly: boolean;
}

/** Where a workspace says what it wants to be told and where; mounted under /w/:slug. */
export function webhookPages({ connections, secrets, publicOnly }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  const EndpointForm = endpointForm(publicOnly);
  // What is told says who buys and how much.
  router.use('/webhooks', managersOnly('Webhooks are for owners and admins of the workspace.'));

  router.get('/webhooks', async (req, res) => {
    await sendList(req, res, connections);
  });

  router.post('/webhooks', async (req, res) => {
    const form = parseForm(EndpointForm, req.body);
    if (!form.ok) {
      await sendList(req, res, connections, form, 422);
      return;
    }
    const { url, mode, events } = form.data;
    const added = await here(req, connections, (trx, by) =>
      addEndpoint(trx, { url, events, livemode: mode === 'live' }, by, secrets),
    );
    if (typeof added === 'string') {
      const errors = { url: WHY_NOT[added] };
      await sendList(req, res, connections, { ...form, errors }, 422);
      return;
    }
    await sendSecret(req, res, connections, { ...added, is_new: true });
  });

  router.post('/webhooks/mark', async (req, res) => {
    const { workspace } = scopeOf(req);
    const form = parseForm(MarkForm, req.body);
    if (!form.ok) {
      await sendList(req, res, connections, form, 422);
      return;
    }
    // The test wallet has the same, so that what a product does about it can be tried.
    await here(req, connections, async (trx) => {
      for (const livemode of [true, false]) {
        await setMark(trx, await walletIdOf(trx, workspace.id, livemode), form.data.mark);
      }
    });
    redirect(req, res, `${baseOf(req)}?kept=mark#mark`);
  });

  router.get('/webhooks/:id', async (req, res) => {
    const before = z.uuid().safeParse(req.query['before']).data;
    const page = await here(req, connections, (trx) => endpointPage(trx, idOf(req), before));
    if (page === undefined) throw notFound('endpoint');
    sendPage(req, res, 'webhooks/endpoint', page);
  });

  router.post('/webhooks/:id/secret', async (req, res) => {
    const id = idOf(req);
    const secret = await here(req, connections, (trx, by) => rollSecret(trx, id, by, secrets));
    if (secret === undefined) throw notFound('endpoint');
    await sendSecret(req, res, connections, { id, secret, is_new: false });
  });

  for (const [name, change] of Object.entries({
    pause: pauseEndpoint,
    resume: resumeEndpoint,
    remove: removeEndpoint,
  })) {
    router.post(`/webhooks/:id/${name}`, async (req, res) => {
      const id = idOf(req);
      const found = await here(req, connections, (trx, by) => change(trx, id, by));
      if (!found) throw notFound('endpoint');
      redirect(req, res, name === 'remove' ? baseOf(req) : `${baseOf(req)}/${id}`);
    });
  }

  router.use(deliveryRoutes(connections));
  return router;
}

function deliveryRoutes(connections: Connections): Router {
  const router = Router({ mergeParams: true });

  router.post('/webhooks/:id/test', async (req, res) => {
    const id = idOf(req);
    const { workspace } = scopeOf(req);
    const delivery = await here(req, connections, async (trx) => {
      const endpoint = await findEndpoint(trx, id);
      if (endpoint === undefined) throw notFound('endpoint');
      const { livemode } = endpoint;
      const message = testMessage({ livemode, workspace: workspace.slug }, new Date());
      return addDelivery(trx, { id, workspace_id: workspace.id }, message);
    });
    redirect(req, res, `${baseOf(req)}/${id}/deliveries/${delivery}`);
  });

  router.get('/webhooks/:id/deliveries/:delivery', async (req, res) => {
    const delivery = idOf(req, 'delivery');
    const page = await here(req, connections, (trx) => deliveryPage(trx, idOf(req), delivery));
    if (page === undefined) throw notFound('delivery');
    sendPage(req, res, 'webhooks/delivery', page);
  });

  router.post('/webhooks/:id/deliveries/:delivery/redeliver', async (req, res) => {
    const [id, delivery] = [idOf(req), idOf(req, 'delivery')];
    const found = await here(req, connections, (trx) => redeliver(trx, id, delivery));
    if (!found) throw notFound('delivery');
    redirect(req, res, `${baseOf(req)}/${id}/deliveries/${delivery}`);
  });

  return router;
}

const WHY_NOT = {
  there_already: 'There is an endpoint with this address already. Change that one.',
  too_many: 'There are as many endpoints as a workspace may have. Remove one first.',
} as const;

function here<Result>(
  req: Request,
  { app }: Connections,
  work: (trx: Trx, by: By) => Promise<Result>,
): Promise<Result> {
  const { workspace, person } = scopeOf(req);
  const actor = { kind: 'person', id: person.id } as const;
  const by: By = { workspace_id: workspace.id, actor, origin: originOf(req) };
  return inWorkspace(app, workspace.id, (trx) => work(trx, by));
}

async function sendList(
  req: Request,
  res: Response,
  connections: Connections,
  form: FormState = EMPTY_FORM,
  status = 200,
): Promise<void> {
  const { workspace } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const page = await here(req, connections, (trx) => listPage(trx, workspace.id));
  const body: unknown = req.body;
  const ticked = z.object({ events: eventsField }).safeParse(body).data?.events;
  const wanted = ticked ?? (form === EMPTY_FORM ? EVENT_TYPES : []);
  const kept = status === 200 ? req.query['kept'] : undefined;
  sendPage(req, res, 'webhooks/list', { ...page, form, wanted, kept }, status);
}

/** Not by a redirect: it is shown to whoever asked, this once, and kept nowhere else. */
async function sendSecret(
  req: Request,
  res: Response,
  connections: Connections,
  secret: { id: string; secret: string; is_new: boolean },
): Promise<void> {
  await refreshPurse(connections, res, scopeOf(req).workspace.id);
  sendPage(req, res, 'webhooks/secret', { ...secret, previous_hours: PREVIOUS_SECRET_HOURS });
}

function baseOf(req: Request): string {
  return `/w/${scopeOf(req).workspace.slug}/webhooks`;
}

/** What is no id is nobody's. */
function idOf(req: Request, name: 'id' | 'delivery' = 'id'): string {
  const id = z.uuid().safeParse(req.params[name]);
  if (!id.success) throw notFound(name === 'id' ? 'endpoint' : name);
  return id.data;
}
