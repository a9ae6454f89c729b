import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import {
  allBulkGrantRows,
  bulkGrantPage,
  bulkGrantReport,
  bulkGrantRows,
} from '../billing/bulk-grant-reports.ts';
import {
  checkBulkGrant,
  confirmBulkGrant,
  keepBulkGrant,
  turnBulkGrant,
} from '../billing/bulk-grants.ts';
import { aloneToday } from '../billing/staff-requests.ts';
import { BULK_GRANT_ROWS_MAX } from '../core/bulk-grants.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { ExportsAtOnce, sendFile } from '../usage/files.ts';
import { auditOf } from '../workspaces/audit-reports.ts';
import { BULK_GRANT_COLUMNS, bulkGrantCells, uploadedGrants } from './bulk-grant-file.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

const ROWS_OF_A_PIECE = 1_000;

const ListQuery = z.object({ before: z.uuid().optional().catch(undefined) });
const RowsQuery = z.object({
  after: z.coerce.number().int().min(1).max(1_000_000_000).optional().catch(undefined),
  show: z.enum(['all', 'faults']).catch('all'),
});
const ConfirmForm = z.object({
  reason: z
    .string('Say why. It is kept with each grant.')
    .trim()
    .min(1, 'Say why. It is kept with each grant.')
    .max(500, 'At most 500 characters.'),
  leave_out: z.literal('yes').optional().catch(undefined),
  again: z.literal('yes').optional().catch(undefined),
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** Credits for many customers by a file: read, looked at, confirmed, granted; mounted under /admin. */
export function bulkGrantRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();
  addReading(routes, connections);
  addGranting(routes, connections);
  return routes;
}

/** The files, and the reading of another one. */
function addReading(routes: StaffRoutes, { app, staff: db }: Connections): void {
  routes.get('/bulk-grants', 'look', async (req, res) => {
    const { before } = ListQuery.parse(req.query);
    const { files, older } = await bulkGrantPage(db, before);
    sendPage(req, res, 'admin/bulk-grants', {
      files,
      is_first: before === undefined,
      older: older && `/admin/bulk-grants?before=${older}`,
    });
  });

  const sendNew = (req: Request, res: Response, form: FormState, status = 200): void => {
    const data = { form, rows_max: BULK_GRANT_ROWS_MAX };
    sendPage(req, res, 'admin/bulk-grant-new', data, status);
  };

  routes.get('/bulk-grants/new', 'credits.grant_many', (req, res) => {
    sendNew(req, res, EMPTY_FORM);
  });

  routes.post('/bulk-grants', 'credits.grant_many', async (req, res, staff) => {
    const uploaded = await uploadedGrants(req);
    if (uploaded.outcome === 'refused') {
      sendNew(req, res, uploaded.form, uploaded.status);
      return;
    }
    const checked = await checkBulkGrant(db, { ...uploaded, staff_id: staff.id });
    if (checked.outcome === 'refused') {
      const errors = { [uploaded.field]: checked.sentence };
      sendNew(req, res, { values: uploaded.values, errors }, 422);
      return;
    }
    const by = { person_id: staff.id, origin: originOf(req) };
    const id = await app.transaction().execute((trx) => keepBulkGrant(trx, checked.file, by));
    redirect(req, res, `/admin/bulk-grants/${id}`);
  });
}

/** One file: what it would come to, its beginning, and how far it is. */
function addGranting(routes: StaffRoutes, { app, staff: db }: Connections): void {
  const atOnce = new ExportsAtOnce();

  async function send(req: Request, res: Response, staff: Express.User, form: FormState) {
    const id = idIn(req, 'file of grants');
    const file = await bulkGrantReport(db, id);
    if (file === undefined) throw notFound('file of grants');
    const query = RowsQuery.parse(req.query);
    const isOpen = file.state === 'checked' && file.request_id === null;
    const { rows, next } = await bulkGrantRows(db, id, query);
    const changes = await auditOf(db, { kind: 'bulk_grant', id });
    const base = `/admin/bulk-grants/${id}`;
    const data = {
      ...{ file, rows, query, changes, form, base, is_open: isOpen, nonce: randomUUID() },
      left_micro: isOpen ? (await aloneToday(db, staff.id)).left_micro : undefined,
      here: `${base}?show=${query.show}&after=${query.after ?? ''}`,
      next: next && `${base}?show=${query.show}&after=${next}`,
    };
    sendPage(req, res, 'admin/bulk-grant', data, form === EMPTY_FORM ? 200 : 422);
  }

  routes.get('/bulk-grants/:id', 'look', (req, res, staff) => send(req, res, staff, EMPTY_FORM));

  routes.post('/bulk-grants/:id/confirm', 'credits.grant_many', async (req, res, staff) => {
    const id = idIn(req, 'file of grants');
    const form = parseForm(ConfirmForm, req.body);
    if (!form.ok) return send(req, res, staff, form);
    const { reason, nonce, leave_out, again } = form.data;
    const said = { leaves_out_faults: leave_out === 'yes', gives_again: again === 'yes' };
    const by = { staff_id: staff.id, origin: originOf(req) };
    const outcome = await app
      .transaction()
      .execute((trx) => confirmBulkGrant(trx, { id, reason, nonce, ...said, ...by }));
    if (outcome.outcome === 'refused') {
      await send(req, res, staff, { values: form.values, errors: {}, refusal: outcome.sentence });
    } else redirect(req, res, `/admin/bulk-grants/${id}`);
  });

  for (const [path, to] of [
    ['stop', 'stopped'],
    ['resume', 'running'],
  ] as const) {
    routes.post(`/bulk-grants/:id/${path}`, 'credits.grant_many', async (req, res, staff) => {
      const id = idIn(req, 'file of grants');
      const by = { person_id: staff.id, origin: originOf(req) };
      await app.transaction().execute((trx) => turnBulkGrant(trx, id, to, by));
      redirect(req, res, `/admin/bulk-grants/${id}`);
    });
  }

  routes.get('/bulk-grants/:id/rows.csv', 'customers.export', async (req, res, staff) => {
    const id = idIn(req, 'file of grants');
    const file = await bulkGrantReport(db, id);
    if (file === undefined) throw notFound('file of grants');
    await atOnce.run(staff.id, () =>
      sendFile(res, {
        ...{ name: `grants-${id}`, format: 'csv', columns: BULK_GRANT_COLUMNS, about: {} },
        pages: bulkGrantCells(allBulkGrantRows(db, id, ROWS_OF_A_PIECE)),
      }),
    );
  });
}
