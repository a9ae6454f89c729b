import type { Request, Response } from 'express';
import { z } from 'zod';
import { parseCredits } from '../core/credits.ts';
import type { Connections } from '../lib/database.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { welcomeReport } from '../workspaces/welcome-reports.ts';
import { decideWelcome, setWelcomeBudget } from '../workspaces/welcome.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

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
export function welcomeRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  async function show(req: Request, res: Response, form?: FormState, status = 200): Promise<void> {
    const after = z.uuid().optional().catch(undefined).parse(req.query['after']);
    const report = await welcomeReport(connections.staff, after);
    const data = {
      ...report,
      is_first: after === undefined,
      form: form ?? { values: {}, errors: {} },
    };
    sendPage(req, res, 'admin/welcome', data, status);
  }

  routes.get('/welcome', 'look', (req, res) => show(req, res));

  routes.post('/welcome/budget', 'welcome.decide', async (req, res, staff) => {
    const by = { person_id: staff.id, origin: originOf(req) };
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
    routes.post(`/welcome/:id/${path}`, 'welcome.decide', async (req, res, staff) => {
      const by = { person_id: staff.id, origin: originOf(req) };
      const id = idIn(req, 'welcome_claim');
      await connections.app.transaction().execute((trx) => decideWelcome(trx, id, wish, by));
      redirect(req, res, '/admin/welcome');
    });
  }

  return routes;
}
