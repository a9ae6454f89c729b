import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { newId } from '../lib/ids.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import {
  NewKeyForm,
  RevokeForm,
  type ShownKey,
  formChoices,
  keyOf,
  keysOf,
  tickedScopes,
} from './api-key-page.ts';
import { type MadeApiKey, createApiKey, pauseApiKey, revokeApiKey } from './api-keys.ts';
import type { RateLimits } from './api-rate-limits.ts';
import { managersOnly, refreshPurse, scopeOf } from './scope.ts';

interface Dependencies {
  connections: Connections;
  baseUrl: string;
  rateLimits: RateLimits;
}

/** A workspace's keys of the API, for its owners and admins; mounted under /w/:slug. */
export function apiKeyRoutes(dependencies: Dependencies): Router {
  const { connections } = dependencies;
  const router = Router({ mergeParams: true });
  router.use('/keys', managersOnly('Keys are for owners and admins of the workspace.'));

  router.get('/keys', async (req, res) => {
    await sendKeys(req, res, dependencies, { form: EMPTY_FORM });
  });

  router.post('/keys', async (req, res) => {
    const form = parseForm(NewKeyForm, req.body);
    if (!form.ok) {
      const ticked = tickedScopes(req.body);
      await sendKeys(req, res, dependencies, { form, ticked }, 422);
      return;
    }
    const made = await make(req, connections, form.data);
    await sendKeys(req, res, dependencies, { form: EMPTY_FORM, made }, 201);
  });

  router.get('/keys/:id', async (req, res) => {
    const key = await keyIn(req, connections);
    sendPage(req, res, 'workspaces/key', { key, form: EMPTY_FORM });
  });

  for (const paused of [true, false]) {
    router.post(`/keys/:id/${paused ? 'pause' : 'resume'}`, async (req, res) => {
      const { workspace, person } = scopeOf(req);
      const { id, href } = await keyIn(req, connections);
      const by = { person_id: person.id, origin: originOf(req) };
      await inWorkspace(connections.app, workspace.id, (trx) =>
        pauseApiKey(trx, id, { paused, by }),
      );
      redirect(req, res, href);
    });
  }

  router.post('/keys/:id/revoke', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const key = await keyIn(req, connections);
    const form = parseForm(RevokeForm, req.body);
    if (!form.ok) {
      await refreshPurse(connections, res, workspace.id);
      sendPage(req, res, 'workspaces/key', { key, form }, 422);
      return;
    }
    const { prefix, href } = key;
    await inWorkspace(connections.app, workspace.id, (trx) =>
      revokeApiKey(trx, { prefix, revoked_by: person.id, origin: originOf(req) }),
    );
    redirect(req, res, href);
  });

  return router;
}

/** Its id is the form's nonce: sent twice, it is one key. */
async function make(
  req: Request,
  connections: Connections,
  { nonce, mode, limit, period, expires, ...form }: z.output<typeof NewKeyForm>,
): Promise<MadeApiKey & { can_read_balance: boolean }> {
  const { workspace, person } = scopeOf(req);
  const made = await inWorkspace(connections.app, workspace.id, (trx) =>
    createApiKey(trx, {
      ...form,
      id: nonce,
      workspace_id: workspace.id,
      livemode: mode === 'live',
      expires_at: expires,
      created_by: person.id,
      budget: limit === undefined ? undefined : { period, limit_amount: limit },
      origin: originOf(req),
    }),
  );
  return { ...made, can_read_balance: form.scopes.includes('balance:read') };
}

/** The key that a path names. */
async function keyIn(req: Request, connections: Connections): Promise<ShownKey> {
  const { workspace } = scopeOf(req);
  const id = z.uuid().safeParse(req.params['id']);
  const key = id.success
    ? await inWorkspace(connections.app, workspace.id, (trx) => keyOf(trx, workspace, id.data))
    : undefined;
  if (key === undefined) throw notFound('key');
  return key;
}

/** The page of all keys; with the key that was just made, this once. */
async function sendKeys(
  req: Request,
  res: Response,
  { connections, baseUrl, rateLimits }: Dependencies,
  shown: { form: FormState; ticked?: readonly string[]; made?: object },
  status = 200,
): Promise<void> {
  const { workspace } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const keys = await inWorkspace(connections.app, workspace.id, (trx) => keysOf(trx, workspace));
  const data = {
    keys,
    made: shown.made,
    form: shown.form,
    choices: formChoices(shown.ticked),
    requests_per_minute: rateLimits.workspace,
    api_url: `${baseUrl}/api/v1`,
    nonce: newId(),
  };
  sendPage(req, res, 'workspaces/keys', data, status);
}
