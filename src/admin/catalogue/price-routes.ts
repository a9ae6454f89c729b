import type { Request, Response } from 'express';
import { planVersions } from '../../billing/plan-versions.ts';
import { parseDecimal } from '../../core/decimal.ts';
import { type PriceComponent, QUANTITY_DECIMALS, priceOf } from '../../core/price-rules.ts';
import { priceSentence } from '../../core/price-sentences.ts';
import { newestVersion, versionAt, versionsAfter } from '../../core/versions.ts';
import type { Connections } from '../../lib/database.ts';
import { notFound } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { listPrices, publishPrice, storedOperations } from '../../pricing/operations.ts';
import { type LabCustomer, tryPrice } from '../../pricing/price-lab.ts';
import type { StaffRoutes } from '../staff-routes.ts';
import { beginningIn, changedBy } from './beginning.ts';
import { itemRoutes } from './item-routes.ts';
import type { Values } from './kinds.ts';
import { operationKind } from './operations.ts';
import { PriceForm, componentsIn, priceRows, valuesOfPrice } from './price-form.ts';
import { Reading } from './reading.ts';

const DAY_MILLISECONDS = 86_400_000;
const DAYS_MAX = 90;
const CUSTOMERS_SHOWN = 200;
const MEANWHILE =
  'Somebody else has made a version of this price since you opened it. What you entered still stands here; send it again to have it as you say.';

/** Operations, and the versions of what each costs, tried on past usage before they are published. */
export function priceRoutes(dependencies: { connections: Connections }): StaffRoutes {
  const { connections } = dependencies;
  const routes = itemRoutes(operationKind, dependencies);
  const path = '/catalogue/operations/:code/price';
  const pages = new PricePages(connections);

  routes.get(path, 'look', (req, res) => pages.show(req, res));

  routes.post(`${path}/try`, 'look', async (req, res) => {
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
    const draft = { id: 'draft', operation: operation.code, version: 0, ...read };
    const from = new Date(Date.now() - days * DAY_MILLISECONDS);
    const isTried = days > 0 && read.components.length > 0;
    const customers = isTried
      ? await tryPrice(connections.staff, { rule: draft, from })
      : undefined;
    return pages.show(
      req,
      res,
      { ...form, errors: {} },
      { ...previewOf(read.components, form.data), days, ...labOf(customers) },
    );
  });

  routes.post(path, 'catalogue.change', async (req, res, staff) => {
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

  return routes;
}

/** The page on which a price is drafted, tried and published. */
class PricePages {
  private readonly connections: Connections;

  constructor(connections: Connections) {
    this.connections = connections;
  }

  async show(req: Request, res: Response, form?: FormState, tried?: Tried, status = 200) {
    const { operation, versions, plans } = await this.known(req, form?.values['plan']);
    const now = new Date();
    const current = versionAt(versions, now);
    const values = form?.values ?? {
      ...valuesOfPrice(current?.components ?? []),
      plan: planOf(req),
    };
    const data = {
      ...{ operation, values, form: form ?? EMPTY_FORM, tried, plans, rows: priceRows(values) },
      home: `/admin/catalogue/operations/${operation.code}`,
      version: newestVersion(versions)?.version ?? 0,
      current: current && priceSentence(current.components),
      coming: versionsAfter(versions, now).map(({ components, valid_from }) => ({
        valid_from,
        sentence: priceSentence(components),
      })),
    };
    sendPage(req, res, 'admin/catalogue/price', data, status);
  }

  /** The operation, and the versions of its price for everybody or for a plan. */
  async known(req: Request, plan = planOf(req)) {
    const code = String(req.params['code']);
    const [operation] = await storedOperations(this.connections.staff, code);
    if (operation === undefined) throw notFound('operation');
    const plans = new Map(
      (await planVersions(this.connections.staff)).map((one) => [one.code, one.id] as const),
    );
    if (plan !== '' && !plans.has(plan)) throw notFound('plan');
    const all = await listPrices(this.connections.staff, code);
    const versions = all.filter((one) => one.scope !== 'customer' && (one.plan ?? '') === plan);
    return { operation, versions, plan_id: plans.get(plan), plans: [...plans.keys()] };
  }
}

interface Tried {
  sentence: string;
  quantity: string;
  costs_micro: bigint | undefined;
  days: number;
  customers: LabCustomer[] | undefined;
  more: number;
  charged_micro: bigint;
  draft_micro: bigint;
}

/** The draft in a sentence, and what a quantity of it costs. */
function previewOf(components: PriceComponent[], values: Values) {
  const written = values['quantity'] === '' ? '7' : (values['quantity'] ?? '7');
  const quantity = parseDecimal(written, QUANTITY_DECIMALS) ?? 0n;
  const rule = { id: 'draft', operation: 'draft', version: 0, components };
  const isPriced = quantity > 0n && components.length > 0;
  const costs_micro = isPriced ? priceOf(rule, quantity).amount_micro : undefined;
  return { sentence: priceSentence(components), quantity: written, costs_micro };
}

function labOf(tried: LabCustomer[] | undefined) {
  const customers = tried?.slice(0, CUSTOMERS_SHOWN);
  const sum = (pick: (one: LabCustomer) => bigint) =>
    (tried ?? []).reduce((total, one) => total + pick(one), 0n);
  return {
    customers,
    more: (tried?.length ?? 0) - (customers?.length ?? 0),
    charged_micro: sum(({ charged_micro }) => charged_micro),
    draft_micro: sum(({ draft_micro }) => draft_micro),
  };
}

function planOf(req: Request): string {
  const plan = req.query['plan'];
  return typeof plan === 'string' ? plan : '';
}
