import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { addPromoCode, auditMade, stopPromoCode } from '../billing/promo-codes.ts';
import { listPromoCodes, promoReport, promoScope } from '../billing/promo-reports.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { PromoForm, termsOf } from './promo-form.ts';
import { mayMoveMoney, moneyStaff } from './staff-scope.ts';

/** Promo codes: all of them, made, stopped, and who used each; mounted under /admin. */
export function promoCodeRoutes({ connections }: { connections: Connections }): Router {
  const router = Router();

  async function sendList(req: Request, res: Response, form: FormState, status = 200) {
    const codes = await listPromoCodes(connections.staff);
    const may_make = mayMoveMoney(req.user?.staff_role ?? null);
    const scope = await promoScope(connections.staff);
    const data = { codes, may_make, scope, form, now: new Date() };
    sendPage(req, res, 'admin/promo-codes', data, status);
  }

  router.get('/promo-codes', (req, res) => sendList(req, res, EMPTY_FORM));

  router.post('/promo-codes', async (req, res) => {
    const actor = { kind: 'person', id: moneyStaff(req).id } as const;
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

  router.get('/promo-codes/:id', async (req, res) => {
    const report = await promoReport(connections.staff, idIn(req));
    if (report === undefined) throw notFound('promo_code');
    const may_stop = mayMoveMoney(req.user?.staff_role ?? null) && report.code.active;
    sendPage(req, res, 'admin/promo-code', { ...report, may_stop, now: new Date() });
  });

  router.post('/promo-codes/:id/stop', async (req, res) => {
    const actor = { kind: 'person', id: moneyStaff(req).id } as const;
    const id = idIn(req);
    const by = { actor, origin: originOf(req) };
    await connections.app.transaction().execute((trx) => stopPromoCode(trx, id, by));
    redirect(req, res, `/admin/promo-codes/${id}`);
  });

  return router;
}

/** @throws AppError 404 for what is no id */
function idIn(req: Request): string {
  const id = z.uuid().safeParse(req.params['id']);
  if (!id.success) throw notFound('promo_code');
  return id.data;
}
