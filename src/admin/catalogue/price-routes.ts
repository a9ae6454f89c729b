import type { Connections } from '../../lib/database.ts';
import { newestVersion, versionAt } from '../../core/versions.ts';
import { notFound } from '../../lib/errors.ts';
import { parseForm } from '../../lib/forms.ts';
import { redirect } from '../../lib/rendering.ts';
import { publishPrice } from '../../pricing/price-changes.ts';
import type { StaffRoutes } from '../staff-routes.ts';
import { beginningIn, changedBy, changedMeanwhile, withdrawnBy } from './beginning.ts';
import { itemRoutes } from './item-routes.ts';
import { operationKind } from './operations.ts';
import { PriceForm, componentsIn } from './price-form.ts';
import { PricePages, comingPrices } from './price-pages.ts';
import { tryDraft } from './price-trying.ts';
import { Reading } from './reading.ts';

const PATH = '/catalogue/operations/:code/price';
const DAYS_MAX = 90;
const TOO_LONG =
  'There is more use in these days than could be tried in 10 seconds. Enter fewer days.';
const MEANWHILE =
  'Somebody else has made a version of this price since you opened it. What you entered still stands here; send it again to have it as you say.';

/** Operations, and the versions of what each costs, tried on past usage before they are published. */
export function priceRoutes(dependencies: { connections: Connections }): StaffRoutes {
  const { connections } = dependencies;
  const routes = itemRoutes(operationKind, dependencies);
  const pages = new PricePages(connections);

  routes.get(PATH, 'look', (req, res) => pages.show(req, res));

  routes.post(`${PATH}/try`, 'look', async (req, res) => {
    const form = parseForm(PriceForm, req.body);
    if (!form.ok) return pages.show(req, res, form, undefined, 422);
    const { operation } = await pages.known(req, form.data['plan']);
    const read = componentsIn(form.data);
    const reading = new Reading(form.data);
    const days = reading.raw('days') === '' ? 0 : reading.whole('days', { most: DAYS_MAX });
    const errors = { ...(read.outcome === 'refused' ? read.errors : {}), ...reading.errors };
    if (read.outcome === 'refused' || Object.keys(errors).length > 0) {
      return pages.show(req, res, { ...form, errors }, undefined, 422);
    }
    const tried = await tryDraft(connections.staff, { operation, ...read, days }, form.data);
    if (tried === 'too_long') {
      return pages.show(req, res, { ...form, errors: { days: TOO_LONG } }, undefined, 422);
    }
    return pages.show(req, res, { ...form, errors: {} }, tried);
  });

  routes.post(PATH, 'catalogue.change', async (req, res, staff) => {
    const form = parseForm(PriceForm, req.body);
    if (!form.ok) return pages.show(req, res, form, undefined, 422);
    const { operation, plan_id } = await pages.known(req, form.data['plan']);
    const read = componentsIn(form.data);
    const reading = new Reading(form.data);
    const valid_from = beginningIn(reading, res);
    const by = changedBy(req, staff, reading);
    const errors = { ...(read.outcome === 'refused' ? read.errors : {}), ...reading.errors };
    if (read.outcome === 'refused' || Object.keys(errors).length > 0) {
      return pages.show(req, res, { ...form, errors }, undefined, 422);
    }
    const { code } = operation;
    const outcome = await connections.app.transaction().execute((trx) =>
      publishPrice(trx, {
        ...{ ...by, operation: code, components: read.components },
        ...(valid_from === undefined ? {} : { valid_from }),
        ...(plan_id === undefined ? {} : { plan_id }),
        after_version: Number(form.data['version']),
      }),
    );
    if (outcome === 'changed') {
      redirect(req, res, `/admin/catalogue/operations/${code}`);
      return;
    }
    return pages.show(req, res, { ...form, errors: {}, refusal: MEANWHILE }, undefined, 422);
  });

  addWithdrawal(routes, dependencies);
  return routes;
}

/** Takes back what is to come of a price. */
function addWithdrawal(routes: StaffRoutes, { connections }: { connections: Connections }): void {
  const pages = new PricePages(connections);
  routes.post(`${PATH}/withdraw`, 'catalogue.change', async (req, res, staff) => {
    const form = parseForm(PriceForm, req.body);
    if (!form.ok) return pages.show(req, res, form, undefined, 422);
    const { operation, plan_id, versions } = await pages.known(req, form.data['plan']);
    const planned = comingPrices(versions, new Date()).find(
      ({ version }) => String(version) === form.data['planned'],
    );
    if (planned === undefined) throw notFound('price');
    const before = versionAt(versions, new Date(planned.valid_from.getTime() - 1));
    const outcome = await connections.app.transaction().execute((trx) =>
      publishPrice(trx, {
        ...withdrawnBy(req, staff),
        ...{ operation: operation.code, components: before?.components ?? [] },
        valid_from: planned.valid_from,
        ...(plan_id === undefined ? {} : { plan_id }),
        after_version: newestVersion(versions)?.version ?? 0,
      }),
    );
    if (outcome === 'changed_meanwhile') throw changedMeanwhile();
    const plan = form.data['plan'] ? `?plan=${form.data['plan']}` : '';
    redirect(req, res, `/admin/catalogue/operations/${operation.code}/price${plan}`);
  });
}
