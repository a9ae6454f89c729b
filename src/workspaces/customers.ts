import { openWallet } from '../ledger/wallets.ts';
import { type Actor, audit } from '../lib/audit.ts';
import { type Db, type Trx, enterWorkspace } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** Whose wallet is meant, by the workspace's slug or by the product's own id for its customer. */
export type Named = { slug: string } | { external_id: string };

export interface Account {
  workspace_id: string;
  wallet_id: string;
}

/**
 * The live or test wallet of a workspace that somebody named.
 * @param db one that sees the wallets of all workspaces
 */
export async function findAccount(
  db: Db,
  named: Named,
  livemode: boolean,
): Promise<Account | undefined> {
  const query = db
    .selectFrom('workspaces as s')
    .innerJoin('wallets as w', 'w.workspace_id', 's.id')
    .select(['s.id as workspace_id', 'w.id as wallet_id'])
    .where('w.livemode', '=', livemode)
    .where('s.deactivated_at', 'is', null);
  return (
    'slug' in named
      ? query.where('s.slug', '=', named.slug)
      : query.where('s.external_id', '=', named.external_id)
  ).executeTakeFirst();
}

/** Who buys credits for a workspace: its members on its pages, or a customer without an account. */
export interface Buyer {
  kind: 'personal' | 'team' | 'external';
  slug: string;
}

/** @param db one that sees all workspaces */
export async function findBuyer(db: Db, workspaceId: string): Promise<Buyer | undefined> {
  return db
    .selectFrom('workspaces')
    .select(['kind', 'slug'])
    .where('id', '=', workspaceId)
    .executeTakeFirst();
}

/**
 * Makes a customer whom a product names, with both wallets, empty. Leaves alone one that is there
 * already, also when two processes meet a new customer at once.
 */
export async function addCustomer(
  trx: Trx,
  customer: { external_id: string; currency: string; actor: Actor },
): Promise<void> {
  const id = newId();
  await enterWorkspace(trx, id);
  const { external_id, currency } = customer;
  const added = await trx
    .insertInto('workspaces')
    .values({ id, kind: 'external', name: external_id, slug: id, external_id, currency })
    .onConflict((conflict) => conflict.column('external_id').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return;
  await openWallet(trx, { workspace_id: id, livemode: true });
  await openWallet(trx, { workspace_id: id, livemode: false });
  await audit(trx, {
    workspace_id: id,
    actor: customer.actor,
    action: 'workspace.created',
    subject: { kind: 'workspace', id },
    after: { kind: 'external' },
  });
}
