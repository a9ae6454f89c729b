import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { currencyName } from '../core/money.ts';
import { timeZones } from '../core/time-zones.ts';
import { zoneOfWallet } from '../ledger/wallets.ts';
import { type Connections, type Db, type Trx, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { newId } from '../lib/ids.ts';
import { rateLimit } from '../lib/rate-limits.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { nameFieldWith } from '../people/fields.ts';
import { timeZoneField } from '../people/profile.ts';
import { managersOnly, refreshPurse, scopeOf } from './scope.ts';
import { changeWorkspace } from './workspace-settings.ts';
import { createTeamWorkspace, workspacesOf } from './workspaces.ts';

export interface WorkspaceDependencies {
  connections: Connections;
  /** In which something is sold, the workspace's own first. */
  currenciesOnSale: (db: Db, own: string) => Promise<string[]>;
  /** What the first purchase settles is not changed any more. */
  hasBought: (db: Db, workspaceId: string) => Promise<boolean>;
  /** Of a new workspace, unless another one is chosen. */
  currency: string;
}

const nameField = nameFieldWith('Enter the name of the workspace.');
const currencyField = z.string('Choose a currency.').regex(/^[A-Z]{3}$/, 'Choose a currency.');

const NewWorkspaceForm = z.object({
  name: nameField,
  time_zone: timeZoneField,
  currency: currencyField,
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** Absent where it cannot be chosen any more. */
const SettingsForm = z.object({
  name: nameField,
  time_zone: timeZoneField,
  currency: currencyField.optional(),
});

/** All workspaces of a person, and making another one; mounted at /workspaces. */
export function workspacePages(dependencies: WorkspaceDependencies): Router {
  const { connections, currenciesOnSale, currency } = dependencies;
  const router = Router();
  const limit = rateLimit({
    ...{ pool: connections.plain, name: 'workspaces-person' },
    ...{ points: 20, window_seconds: 86_400 },
  });

  router.use(async (req, res, next) => {
    res.locals['workspaces'] = await workspacesOf(connections.app, personIn(req).id);
    next();
  });

  router.get('/', (req, res) => {
    sendPage(req, res, 'workspaces/all', {});
  });

  const sendNew = async (req: Request, res: Response, form: FormState, status = 200) => {
    const currencies = await currenciesOnSale(connections.app, currency);
    const own = { time_zone: personIn(req).time_zone, currency };
    const choices = choicesOf(currencies.length > 0 ? currencies : [currency]);
    sendPage(req, res, 'workspaces/new', { ...choices, own, form, nonce: newId() }, status);
  };

  router.get('/new', (req, res) => sendNew(req, res, EMPTY_FORM));

  router.post('/new', async (req, res) => {
    const form = parseForm(NewWorkspaceForm, req.body);
    if (!form.ok) return sendNew(req, res, form, 422);
    const { nonce: id, ...workspace } = form.data;
    const currencies = await currenciesOnSale(connections.app, currency);
    if (![currency, ...currencies].includes(workspace.currency)) {
      const errors = { currency: 'Choose a currency of the list.' };
      return sendNew(req, res, { ...form, errors }, 422);
    }
    const person = personIn(req);
    const known = await workspacesOf(connections.app, person.id);
    const twice = known.find((one) => one.id === id);
    if (twice !== undefined) {
      redirect(req, res, twice.base);
      return;
    }
    await limit.take(person.id);
    const slug = await connections.app
      .transaction()
      .execute((trx) => createTeamWorkspace(trx, person.id, { id, ...workspace }));
    redirect(req, res, `/w/${slug}/team`);
  });

  return router;
}

/** Name, time zone and currency of a workspace; mounted under /w/:slug. */
export function settingsRoutes(dependencies: WorkspaceDependencies): Router {
  const { connections } = dependencies;
  const router = Router({ mergeParams: true });
  router.use('/settings', managersOnly('Settings are for owners and admins of the workspace.'));

  router.get('/settings', (req, res) =>
    sendSettings(req, res, dependencies, EMPTY_FORM, { kept: req.query['kept'] !== undefined }),
  );

  router.post('/settings', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const form = parseForm(SettingsForm, req.body);
    if (!form.ok) return sendSettings(req, res, dependencies, form, { status: 422 });
    const { name, time_zone, currency = workspace.currency } = form.data;
    const deed = { workspace_id: workspace.id, by: person.id, origin: originOf(req) };
    const fault = await inWorkspace(connections.app, workspace.id, async (trx) => {
      const known = await currencyOf(trx, dependencies, req);
      if (currency !== workspace.currency && !known.choices.includes(currency)) return known.why;
      await changeWorkspace(trx, deed, { name, time_zone, currency });
      return undefined;
    });
    if (fault !== undefined) {
      const errors = { currency: fault };
      return sendSettings(req, res, dependencies, { ...form, errors }, { status: 422 });
    }
    redirect(req, res, `${workspace.base}/settings?kept`);
  });

  return router;
}

async function sendSettings(
  req: Request,
  res: Response,
  dependencies: WorkspaceDependencies,
  form: FormState,
  { kept = false, status = 200 }: { kept?: boolean; status?: number },
): Promise<void> {
  const { connections } = dependencies;
  const { workspace } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const { choices, zone } = await inWorkspace(connections.app, workspace.id, async (trx) => ({
    ...(await currencyOf(trx, dependencies, req)),
    zone: await zoneOfWallet(trx, workspace.id),
  }));
  const counts_in = zone === workspace.time_zone ? undefined : zone;
  const data = { ...choicesOf(choices), form, kept, counts_in };
  sendPage(req, res, 'workspaces/settings', data, status);
}

/** The currencies that can still be chosen; only its own after something was bought. */
async function currencyOf(
  trx: Trx,
  { currenciesOnSale, hasBought }: WorkspaceDependencies,
  req: Request,
): Promise<{ choices: string[]; why: string }> {
  const { id, currency } = scopeOf(req).workspace;
  if (await hasBought(trx, id)) {
    return { choices: [currency], why: 'The currency stays, since something was bought in it.' };
  }
  const others = (await currenciesOnSale(trx, currency)).filter((code) => code !== currency);
  return { choices: [currency, ...others], why: 'Choose a currency of the list.' };
}

function choicesOf(currencies: readonly string[]) {
  return {
    time_zones: timeZones(),
    currencies: currencies.map((code) => ({ code, name: currencyName(code) })),
  };
}

function personIn({ user }: Request): Express.User {
  if (user === undefined) throw new Error('this route needs somebody who is signed in');
  return user;
}
