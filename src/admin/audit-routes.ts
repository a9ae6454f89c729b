import { z } from 'zod';
import { audit } from '../lib/audit.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { sendPage } from '../lib/rendering.ts';
import { type Cell, ExportsAtOnce, sendFile } from '../usage/files.ts';
import {
  type ShownAudit,
  auditActions,
  auditPage,
  auditPages,
} from '../workspaces/audit-reports.ts';
import { auditQueryOf } from './audit-filter.ts';
import { StaffRoutes } from './staff-routes.ts';

const SHOWN = 50;
const FILED = 1_000;
const COLUMNS = [
  'time_utc',
  'by_kind',
  'by_id',
  'by',
  'action',
  'about_kind',
  'about_id',
  'about',
  'workspace_id',
  'workspace',
  'before',
  'after',
  'reason',
  'from_address',
  'request',
  'event',
] as const;
const cursor = z.uuid().optional().catch(undefined);

/** Who changed what, of everything; mounted under /admin. */
export function auditRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();
  const atOnce = new ExportsAtOnce();

  routes.get('/audit', 'look', async (req, res) => {
    const { filter, form, address } = await auditQueryOf(connections.staff, req, res);
    const at = {
      before: cursor.parse(req.query['before']),
      after: cursor.parse(req.query['after']),
    };
    const page = filter && (await auditPage(connections.staff, filter, at, SHOWN));
    const linkTo = (name: string, id: string | undefined) =>
      id && `/admin/audit?${address}${address === '' ? '' : '&'}${name}=${id}`;
    const data = {
      events: page?.events ?? [],
      older: linkTo('before', page?.older),
      newer: linkTo('after', page?.newer),
      actions: await auditActions(connections.staff),
      form,
      address,
    };
    sendPage(req, res, 'admin/audit', data, filter === undefined ? 422 : 200);
  });

  routes.get('/audit.csv', 'audit.export', async (req, res, staff) => {
    const { filter, form } = await auditQueryOf(connections.staff, req, res);
    const [wrong] = Object.values(form.errors);
    if (filter === undefined) throw new AppError(422, 'invalid_request', wrong ?? '');
    await atOnce.run(staff.id, async () => {
      await connections.app.transaction().execute((trx) =>
        audit(trx, {
          actor: { kind: 'person', id: staff.id },
          action: 'audit.exported',
          subject: { kind: 'audit', id: 'events' },
          after: form.values,
          origin: originOf(req),
        }),
      );
      await sendFile(res, {
        name: `audit-${new Date().toISOString().slice(0, 10)}`,
        format: 'csv',
        columns: COLUMNS,
        pages: rowsOf(auditPages(connections.staff, filter, FILED)),
        about: {},
      });
    });
  });

  return routes;
}

async function* rowsOf(pages: AsyncIterable<ShownAudit[]>) {
  for await (const events of pages) yield events.map(cellsOf);
}

function cellsOf(event: ShownAudit): Record<(typeof COLUMNS)[number], Cell> {
  const whole = (told: unknown): string | null => (told === null ? null : JSON.stringify(told));
  return {
    time_utc: event.at.toISOString(),
    by_kind: event.actor_kind,
    by_id: event.actor_id,
    by: event.by,
    action: event.action,
    about_kind: event.subject_kind,
    about_id: event.subject_id,
    about: event.subject ?? null,
    workspace_id: event.workspace_id,
    workspace: event.workspace,
    before: whole(event.before),
    after: whole(event.after),
    reason: event.reason,
    from_address: event.ip,
    request: event.request_id,
    event: event.id,
  };
}
