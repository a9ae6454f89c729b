import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Connections } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import {
  blockDomain,
  blockedDomains,
  domainIn,
  unblockDomain,
} from '../workspaces/blocked-domains.ts';
import { StaffRoutes } from './staff-routes.ts';

const domain = z
  .string()
  .max(255)
  .transform((text, context): string => {
    const found = domainIn(text);
    if (found !== undefined) return found;
    context.addIssue('Enter a domain, such as mail.example.');
    return z.NEVER;
  });
const BlockForm = z.object({
  domain,
  reason: z.string().trim().min(1, 'Say why.').max(500, 'At most 500 characters.'),
});
const UnblockForm = z.object({ domain });

/** Domains whose addresses get no welcome credits at once; mounted under /admin. */
export function blockedDomainRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const domains = await blockedDomains(connections.staff);
    const status = form === EMPTY_FORM ? 200 : 422;
    sendPage(req, res, 'admin/blocked-domains', { domains, form }, status);
  }

  routes.get('/blocked-domains', 'look', (req, res) => show(req, res, EMPTY_FORM));

  routes.post('/blocked-domains', 'welcome.decide', async (req, res, staff) => {
    const form = parseForm(BlockForm, req.body);
    if (!form.ok) return show(req, res, form);
    const by = { person_id: staff.id, origin: originOf(req) };
    await connections.app.transaction().execute((trx) => blockDomain(trx, form.data, by));
    redirect(req, res, '/admin/blocked-domains');
  });

  routes.post('/blocked-domains/remove', 'welcome.decide', async (req, res, staff) => {
    const form = parseForm(UnblockForm, req.body);
    if (!form.ok) return show(req, res, form);
    const by = { person_id: staff.id, origin: originOf(req) };
    const { domain: gone } = form.data;
    await connections.app.transaction().execute((trx) => unblockDomain(trx, gone, by));
    redirect(req, res, '/admin/blocked-domains');
  });

  return routes;
}
