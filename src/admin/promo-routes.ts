import type { Request, Response } from 'express';
import { addPromoCode, auditMade, stopPromoCode } from '../billing/promo-codes.ts';
import { listPromoCodes, promoReport, promoScope } from '../billing/promo-reports.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { PromoForm, termsOf } from './promo-form.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

/** Promo codes: all of them, made, stopped, and who used each; mounted under /admin. */
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

  routes.get('/promo-codes/:id', 'look', async (req, res) => {
    const report = await promoReport(connections.staff, idIn(req, 'promo_code'));
    if (report === undefined) throw notFound('promo_code');
    sendPage(req, res, 'admin/promo-code', { ...report, now: new Date() });
  });

  routes.post('/promo-codes/:id/stop', 'promo_codes.change', async (req, res, staff) => {
    const actor = { kind: 'person', id: staff.id } as const;
    const id = idIn(req, 'promo_code');
    const by = { actor, origin: originOf(req) };
    await connections.app.transaction().execute((trx) => stopPromoCode(trx, id, by));
    redirect(req, res, `/admin/promo-codes/${id}`);
  });

  return routes;
}
