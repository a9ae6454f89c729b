import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { ALERT_KINDS, EXPIRY_DAYS, type AlertKind } from '../core/alerts.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { type Show, showFor } from '../lib/formatting.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { refreshPurse, scopeOf } from '../workspaces/scope.ts';
import { PreferencesForm, SettingsForm, tickedDays } from './forms.ts';
import { type Onlooker, alertPage, findAlert, markRead } from './list.ts';
import { keepPreference, preferencesOf } from './preferences.ts';
import { keepSettings, settingsOf } from './settings.ts';

interface Dependencies {
  connections: Connections;
}

/** What a workspace is alerted of, for each of its members; mounted under /w/:slug. */
export function alertRoutes({ connections }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/alerts', async (req, res) => {
    const before = z.uuid().safeParse(req.query['before']).data;
    const page = await here(req, connections, (trx, who) =>
      alertPage(trx, who, showOf(req), before),
    );
    sendPage(req, res, 'alerts/list', page);
  });

  router.post('/alerts/read', async (req, res) => {
    await here(req, connections, (trx, who) => markRead(trx, who));
    redirect(req, res, baseOf(req));
  });

  router.use(settingsRoutes(connections));

  router.get('/alerts/:id', async (req, res) => {
    const id = z.uuid().safeParse(req.params['id']);
    if (!id.success) throw notFound('alert');
    const { alert, read } = await here(req, connections, async (trx, who) => {
      const found = await findAlert(trx, who, id.data, showOf(req));
      if (found === undefined) throw notFound('alert');
      return { alert: found, read: await markRead(trx, who, id.data) };
    });
    // The header was read before.
    scopeOf(req).workspace.unread_alerts -= read;
    sendPage(req, res, 'alerts/alert', { alert });
  });

  return router;
}

function settingsRoutes(connections: Connections): Router {
  const router = Router({ mergeParams: true });

  router.get('/alerts/settings', async (req, res) => {
    await sendSettings(req, res, connections);
  });

  router.post('/alerts/settings', async (req, res) => {
    if (!onlookerOf(req).isManager) {
      throw new AppError(403, 'role', 'What is alerted of is set by owners and admins.');
    }
    const form = parseForm(SettingsForm, req.body);
    if (!form.ok) {
      await sendSettings(req, res, connections, form, 422);
      return;
    }
    const { mark, expiry_days, spikes, ...days } = form.data;
    const settings = {
      ...days,
      mark_micro: mark,
      expiry_days: expiry_days.map(Number),
      spikes: spikes === 'yes',
    };
    const by = { person_id: scopeOf(req).person.id, origin: originOf(req) };
    await here(req, connections, (trx, { workspace_id }) =>
      keepSettings(trx, workspace_id, settings, by),
    );
    redirect(req, res, `${baseOf(req)}/settings?kept=settings`);
  });

  router.post('/alerts/preferences', async (req, res) => {
    const form = parseForm(PreferencesForm, req.body);
    if (!form.ok) {
      await sendSettings(req, res, connections, form, 422);
      return;
    }
    const { in_page, by_mail } = form.data;
    await here(req, connections, async (trx, who) => {
      for (const kind of ALERT_KINDS) {
        const preference = { in_page: in_page.includes(kind), by_mail: by_mail.includes(kind) };
        await keepPreference(trx, { ...who, kind }, preference);
      }
    });
    redirect(req, res, `${baseOf(req)}/settings?kept=choices#yours`);
  });

  return router;
}

/** What people call the kinds. */
const KIND_LABELS: Record<AlertKind, string> = {
  balance_low: 'Few credits, or none',
  run_out: 'Credits will run out soon',
  lot_expiring: 'Credits expire soon',
  spike: 'Usage far above the usual',
  budget_reached: 'A budget is reached',
  top_up_failed: 'Auto top-up failed',
  card_expiring: 'The saved card expires',
  recovered: 'It is over again',
};

async function sendSettings(
  req: Request,
  res: Response,
  connections: Connections,
  form: FormState = EMPTY_FORM,
  status = 200,
): Promise<void> {
  const { workspace } = scopeOf(req);
  if (status !== 200) await refreshPurse(connections, res, workspace.id);
  const page = await here(req, connections, async (trx, who) => ({
    settings: (await settingsOf(trx, [who.workspace_id]))(who.workspace_id),
    preferences: await preferencesOf(trx, who),
  }));
  const data = {
    ...page,
    preferences: page.preferences.map((one) => ({ ...one, label: KIND_LABELS[one.kind] })),
    expiry_choices: EXPIRY_DAYS,
    expiry_ticked: form === EMPTY_FORM ? page.settings.expiry_days : tickedDays(req.body),
    manager: onlookerOf(req).isManager,
    kept: status === 200 ? req.query['kept'] : undefined,
    form,
  };
  sendPage(req, res, 'alerts/settings', data, status);
}

function here<Result>(
  req: Request,
  { app }: Connections,
  work: (trx: Trx, who: Onlooker) => Promise<Result>,
): Promise<Result> {
  const who = onlookerOf(req);
  return inWorkspace(app, who.workspace_id, (trx) => work(trx, who));
}

function onlookerOf(req: Request): Onlooker {
  const { workspace, person } = scopeOf(req);
  return {
    workspace_id: workspace.id,
    person_id: person.id,
    isManager: workspace.role !== 'member',
  };
}

function showOf(req: Request): Show {
  const { time_zone, locale } = scopeOf(req).person;
  return showFor({ time_zone, locale });
}

function baseOf(req: Request): string {
  return `/w/${scopeOf(req).workspace.slug}/alerts`;
}
