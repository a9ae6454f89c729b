import type { Request } from 'express';
import { z } from 'zod';
import { audit } from '../lib/audit.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import {
  deliveryList,
  ownerOfDelivery,
  redeliver,
  redeliverFailed,
} from '../webhooks/deliveries.ts';
import { deliveryPage, deliveryState } from '../webhooks/pages.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

const ListQuery = z.object({
  only: z.literal('undelivered').optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
});
const LIST = '/admin/deliveries';

/** What was sent to the endpoints of all customers, and sending it again; mounted under /admin. */
export function deliveryRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const { app, staff: db } = connections;
  const routes = new StaffRoutes();

  routes.get('/deliveries', 'look', async (req, res) => {
    const { only, before } = ListQuery.parse(req.query);
    const undelivered = only !== undefined;
    const { deliveries, older } = await deliveryList(db, { undelivered, before });
    sendPage(req, res, 'admin/deliveries', {
      deliveries: deliveries.map((one) => ({
        ...one,
        host: new URL(one.url).host,
        came: one.status === null ? (one.error ?? '') : `Answered ${one.status}`,
        state: deliveryState(one, one.paused_at !== null),
      })),
      undelivered,
      newest: before === undefined,
      older:
        older === undefined
          ? undefined
          : `${LIST}?${undelivered ? 'only=undelivered&' : ''}before=${older}`,
    });
  });

  routes.get('/deliveries/:id', 'look', async (req, res) => {
    const id = idIn(req, 'delivery');
    const owner = await ownerOfDelivery(db, id);
    const page = owner && (await deliveryPage(db, owner.endpoint_id, id));
    if (page === undefined) throw notFound('delivery');
    const again = z.coerce.number().int().safeParse(req.query['again']).data;
    sendPage(req, res, 'admin/delivery', { ...page, again });
  });

  routes.post('/deliveries/:id/replay', 'webhooks.replay', async (req, res, staff) => {
    const id = idIn(req, 'delivery');
    await again(req, staff.id, (trx, endpointId) => redeliver(trx, endpointId, id).then(() => 1n));
    redirect(req, res, `${LIST}/${id}?again=1`);
  });

  routes.post('/deliveries/:id/replay-failed', 'webhooks.replay', async (req, res, staff) => {
    const id = idIn(req, 'delivery');
    const count = await again(req, staff.id, redeliverFailed);
    redirect(req, res, `${LIST}/${id}?again=${count}`);
  });

  /** In a transaction that sees the endpoint: its workspace's, or the seller's. */
  async function again(
    req: Request,
    personId: string,
    work: (trx: Trx, endpointId: string) => Promise<bigint>,
  ): Promise<bigint> {
    const id = idIn(req, 'delivery');
    const owner = await ownerOfDelivery(db, id);
    if (owner === undefined) throw notFound('delivery');
    const { endpoint_id, workspace_id } = owner;
    const carryOut = async (trx: Trx): Promise<bigint> => {
      const count = await work(trx, endpoint_id);
      await audit(trx, {
        ...(workspace_id === null ? {} : { workspace_id }),
        actor: { kind: 'person', id: personId },
        action: 'webhook_endpoint.replayed',
        subject: { kind: 'webhook_endpoint', id: endpoint_id },
        after: { deliveries: String(count), from: id },
        origin: originOf(req),
      });
      return count;
    };
    if (workspace_id === null) return app.transaction().execute(carryOut);
    return inWorkspace(app, workspace_id, carryOut);
  }

  return routes;
}
