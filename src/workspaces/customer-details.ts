import { setTimeZone } from '../ledger/wallets.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import { type Connections, type Db, inWorkspace } from '../lib/database.ts';
import { addCustomer } from './customers.ts';

/** A customer of a product, as the product told of them. */
export interface CustomerRecord {
  workspace_id: string;
  external_id: string;
  name: string;
  email: string | null;
  time_zone: string;
  currency: string;
  created_at: Date;
}

/** What may be told; what is not is left as it is. */
export interface CustomerDetails {
  name?: string | undefined;
  email?: string | null | undefined;
  time_zone?: string | undefined;
}

/** A customer by the product's id; undefined for none, and for one who is deactivated. */
export async function findCustomer(
  db: Db,
  external_id: string,
): Promise<CustomerRecord | undefined> {
  return selectCustomers(db).where('external_id', '=', external_id).executeTakeFirst();
}

/**
 * A page of all customers, those who were made first at the front.
 * @param after the id of the workspace after which the page begins
 */
export async function customersAfter(
  db: Db,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<{ customers: CustomerRecord[]; more: boolean }> {
  let query = selectCustomers(db)
    .orderBy('id')
    .limit(limit + 1);
  if (after !== undefined) query = query.where('id', '>', after);
  const found = await query.execute();
  return { customers: found.slice(0, limit), more: found.length > limit };
}

/**
 * Makes a customer or changes what is told of one. Asked twice, or at once from two sides, it is one
 * customer. Undefined for one who is deactivated.
 */
export async function saveCustomer(
  { app, staff }: Pick<Connections, 'app' | 'staff'>,
  order: { external_id: string; currency: string; actor: Actor; origin: Origin },
  details: CustomerDetails,
): Promise<CustomerRecord | undefined> {
  const { external_id, actor, origin } = order;
  if ((await findCustomer(staff, external_id)) === undefined) {
    await app.transaction().execute((trx) => addCustomer(trx, order));
  }
  const found = await findCustomer(staff, external_id);
  if (found === undefined) return undefined;
  await inWorkspace(app, found.workspace_id, async (trx) => {
    const before = await selectCustomers(trx)
      .where('id', '=', found.workspace_id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const after = changesOf(before, details);
    if (Object.keys(after).length === 0) return;
    await trx
      .updateTable('workspaces')
      .set({ ...after, updated_at: new Date() })
      .where('id', '=', found.workspace_id)
      .execute();
    if (after.time_zone !== undefined) {
      await setTimeZone(trx, found.workspace_id, after.time_zone);
    }
    await audit(trx, {
      ...{ workspace_id: found.workspace_id, actor, origin },
      action: 'customer.changed',
      subject: { kind: 'workspace', id: found.workspace_id },
      before: { name: before.name, email: before.email, time_zone: before.time_zone },
      after: { ...after },
    });
  });
  return findCustomer(staff, external_id);
}

function changesOf(before: CustomerRecord, { name, email, time_zone }: CustomerDetails) {
  return {
    ...(name !== undefined && name !== before.name && { name }),
    ...(email !== undefined && email !== before.email && { email }),
    ...(time_zone !== undefined && time_zone !== before.time_zone && { time_zone }),
  };
}

function selectCustomers(db: Db) {
  return db
    .selectFrom('workspaces')
    .select(['id as workspace_id', 'name', 'email', 'time_zone', 'currency', 'created_at'])
    .select((row) => row.fn.coalesce('external_id', row.val('')).as('external_id'))
    .where('kind', '=', 'external')
    .where('deactivated_at', 'is', null);
}
