import type { Db, Trx } from '../lib/database.ts';

/** What files of grants say of customers, in the words of whoever wrote them. */
const NOTHING = { customer: '', note: null };

/** Forgets it of a workspace that closes: it may be an address. */
export async function forgetInBulkGrants(trx: Trx, workspaceId: string): Promise<void> {
  await trx
    .updateTable('bulk_grant_rows')
    .set(NOTHING)
    .where('wallet_id', 'in', (row) =>
      row.selectFrom('wallets').select('id').where('workspace_id', '=', workspaceId),
    )
    .execute();
}

/** Forgets it of files that were read before a moment and have nothing more to do. */
export async function forgetBulkGrantsBefore(db: Db, before: Date): Promise<void> {
  await db
    .updateTable('bulk_grant_rows')
    .set(NOTHING)
    .where('customer', '<>', '')
    .where('bulk_grant_id', 'in', (row) =>
      row
        .selectFrom('bulk_grants')
        .select('id')
        .where('created_at', '<', before)
        .where('state', 'in', ['checked', 'done']),
    )
    .execute();
}
