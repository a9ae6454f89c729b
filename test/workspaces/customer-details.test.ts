import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { migrations } from '../../migrations/all.ts';
import { connect } from '../../src/lib/database.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { saveCustomer } from '../../src/workspaces/customer-details.ts';
import { findShown } from '../../src/workspaces/customer-scope.ts';
import { emptyDatabase } from '../program/databases.ts';

test.each(['roles', 'one_user'] as const)(
  'a customer is told of twice at once, changed, and shown, where rows are kept apart by %s',
  async (separation) => {
    const user = `customers_${randomBytes(6).toString('hex')}`;
    const admin = await emptyDatabase();
    await admin.query(`create role ${user} login password 'secret'`);
    const empty = await emptyDatabase(undefined, separation === 'roles' ? undefined : user);
    const url = new URL(empty.url);
    if (separation === 'one_user') [url.username, url.password] = [user, 'secret'];
    await migrate({ url: url.href, migrations });
    const connections = await connect({ url: url.href, poolMax: 4, onError: () => undefined });
    expect(connections.separation).toBe(separation);
    const actor = { kind: 'system' } as const;
    const order = { external_id: 'user-42', currency: 'USD', actor, origin: {} };
    const zone = { time_zone: 'Europe/Berlin' };
    const [one, other] = await Promise.all([
      saveCustomer(connections, order, zone),
      saveCustomer(connections, order, zone),
    ]);
    expect(other).toEqual(one);
    const saved = await saveCustomer(connections, order, { name: 'Ada', email: 'a@example.com' });
    expect(saved).toEqual({ ...one, name: 'Ada', email: 'a@example.com' });
    expect(await findShown(connections, one?.workspace_id ?? '')).toMatchObject({
      ...{ name: 'Ada', email: 'a@example.com' },
      ...zone,
    });
    expect(await empty.query('select time_zone from wallets')).toEqual([zone, zone]);
    expect(
      await empty.query(
        "select action, count(*)::int from audit_events where actor_kind = 'system' group by action order by action",
      ),
    ).toEqual([
      { action: 'customer.changed', count: 2 },
      { action: 'workspace.created', count: 1 },
    ]);
    await connections.close();
    await empty.drop();
    await admin.query(`drop role ${user}`);
    await admin.drop();
  },
);
