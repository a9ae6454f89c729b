import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { parseCredits } from '../core/credits.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { welcomeReport } from '../workspaces/welcome-reports.ts';
import { decideWelcome, setWelcomeBudget } from '../workspaces/welcome.ts';
import { mayMoveMoney, moneyStaff } from './staff-scope.ts';

const BudgetForm = z.object({
  budget: z
    .string()
    .trim()
    .transform((text, context): bigint | null => {
      if (text === '') return null;
      const micro = parseCredits(text);
      if (micro !== undefined && micro >= 0n) return micro;
      context.addIssue('Enter credits as a number, such as 5000, or leave it empty.');
      return z.NEVER;
    }),
});

/** New accounts that somebody has to look at before they get the welcome credits; under /admin. */
export function welcomeRoutes({ connections }: { connections: Connections }): Router {
  const router = Router();

  async function show(req: Request, res: Response, form?: FormState, status = 200): Promise<void> {
    const report = await welcomeReport(connections.staff);
    const may_decide = mayMoveMoney(req.user?.staff_role ?? null);
    const data = { ...report, may_decide, form: form ?? { values: {}, errors: {} } };
    sendPage(req, res, 'admin/welcome', data, status);
  }

  router.get('/welcome', (req, res) => show(req, res));

  router.post('/welcome/budget', async (req, res) => {
    const by = { person_id: moneyStaff(req).id, origin: originOf(req) };
    const form = parseForm(BudgetForm, req.body);
    if (!form.ok) {
      await show(req, res, form, 422);
      return;
    }
    await connections.app
      .transaction()
      .execute((trx) => setWelcomeBudget(trx, form.data.budget, by));
    redirect(req, res, '/admin/welcome');
  });

  for (const [path, wish] of [
    ['give', 'granted'],
    ['refuse', 'refused'],
  ] as const) {
    router.post(`/welcome/:id/${path}`, async (req, res) => {
      const by = { person_id: moneyStaff(req).id, origin: originOf(req) };
      const id = z.uuid().safeParse(req.params.id);
      if (!id.success) throw notFound('welcome_claim');
      await connections.app.transaction().execute((trx) => decideWelcome(trx, id.data, wish, by));
      redirect(req, res, '/admin/welcome');
    });
  }

  return router;
}
