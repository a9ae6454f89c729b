import type { Request, Response } from 'express';
import {
  type PromoCode,
  addPromoCode,
  auditMade,
  changePromoCode,
} from '../billing/promo-codes.ts';
import {
  type PromoScope,
  listPromoCodes,
  promoReport,
  promoScope,
} from '../billing/promo-reports.ts';
import { historyOf } from '../lib/audit-history.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { MEANWHILE, changedBy } from './catalogue/beginning.ts';
import { Reading } from './catalogue/reading.ts';
import { PromoChangeForm, PromoForm, limitsOf, termsOf, valuesOf } from './promo-form.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

/** Promo codes: all of them, made and changed, and who used each; mounted under /admin. */
export function promoCodeRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  async function sendList(req: Request, res: Response, form: FormState, status = 200) {
    const codes = await listPromoCodes(connections.staff);
    const scope = await promoScope(connections.staff);
    const data = { codes, scope, form, now: new Date() };
    sendPage(req, res, 'admin/promo-codes', data, status);
  }

  routes.get('/promo-codes', 'look', (req, res) => sendList(req, res, EMPTY_FORM));

  routes.post('/promo-codes', 'promo_codes.change', async (req, res, staff) => {
    const actor = { kind: 'person', id: staff.id } as const;
    const form = parseForm(PromoForm, req.body);
    if (!form.ok) return sendList(req, res, form, 422);
    const read = termsOf(form.data, await promoScope(connections.staff));
    if (read.outcome === 'refused') return sendList(req, res, { ...form, ...read }, 422);
    const made = { ...read.terms, made_by: actor.id };
    const id = await connections.app.transaction().execute(async (trx) => {
      const added = await addPromoCode(trx, made);
      if (added !== undefined) await auditMade(trx, added, made, { actor, origin: originOf(req) });
      return added;
    });
    if (id === undefined) {
      const errors = { code: 'There is this code already. Choose another.' };
      return sendList(req, res, { ...form, errors }, 422);
    }
    redirect(req, res, `/admin/promo-codes/${id}`);
  });

  async function sendCode(req: Request, res: Response, form: FormState, status = 200) {
    const id = idIn(req, 'promo_code');
    const report = await promoReport(connections.staff, id);
    if (report === undefined) throw notFound('promo_code');
    const scope = await promoScope(connections.staff);
    const events = await historyOf(connections.staff, { kind: 'promo_code', id });
    const values = form === EMPTY_FORM ? valuesOf(report.code) : form.values;
    const data = { ...report, scope, events, form, values, now: new Date() };
    sendPage(req, res, 'admin/promo-code', data, status);
  }

  routes.get('/promo-codes/:id', 'look', (req, res) => sendCode(req, res, EMPTY_FORM));

  routes.post('/promo-codes/:id', 'promo_codes.change', async (req, res, staff) => {
    const id = idIn(req, 'promo_code');
    const report = await promoReport(connections.staff, id);
    if (report === undefined) throw notFound('promo_code');
    const form = parseForm(PromoChangeForm, req.body);
    if (!form.ok) return sendCode(req, res, form, 422);
    const reading = new Reading(form.values);
    const by = changedBy(req, staff, reading);
    const scope = alsoNamed(await promoScope(connections.staff), report.code);
    const { errors, limits } = limitsOf(form.data, report.code.kind, scope);
    Object.assign(errors, reading.errors);
    if (Object.keys(errors).length > 0) return sendCode(req, res, { ...form, errors }, 422);
    const stated = { ...limits, active: form.data.active === 'yes' };
    const change = { after_version: form.data.version, by };
    const changed = await connections.app
      .transaction()
      .execute((trx) => changePromoCode(trx, id, stated, change));
    switch (changed.outcome) {
      case 'changed':
        redirect(req, res, `/admin/promo-codes/${id}`);
        return;
      case 'changed_meanwhile':
        return sendCode(req, res, { ...form, errors, refusal: MEANWHILE }, 409);
      case 'below_taken':
        errors['total'] =
          `It is used, or held by an order, ${changed.taken} times already. Enter ${changed.taken} or more, or nothing.`;
        return sendCode(req, res, { ...form, errors }, 422);
    }
  });

  return routes;
}

/** What is no longer sold may go on standing with a code that names it. */
function alsoNamed(scope: PromoScope, code: Pick<PromoCode, 'packages' | 'plans'>): PromoScope {
  return {
    packages: [...new Set([...scope.packages, ...(code.packages ?? [])])],
    plans: [...new Set([...scope.plans, ...(code.plans ?? [])])],
  };
}
