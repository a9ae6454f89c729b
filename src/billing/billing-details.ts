import { sql } from 'kysely';
import type { TaxIdKind } from '../core/tax-ids.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';

/** Who buys, as it stands on the invoices of a workspace from now on. */
export interface BillingDetails {
  legal_name: string;
  /** Lines, as they stand on a letter. */
  address: string;
  /** ISO 3166-1. */
  country: string;
  tax_id: string | null;
  tax_id_kind: TaxIdKind | null;
}

const COLUMNS = ['legal_name', 'address', 'country', 'tax_id', 'tax_id_kind'] as const;

/** What a workspace has given, undefined for one that has given nothing. */
export async function billingDetailsOf(
  db: Db,
  workspaceId: string,
): Promise<BillingDetails | undefined> {
  return db
    .selectFrom('billing_details')
    .select(COLUMNS)
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
}

/**
 * Keeps the buyer's details. Invoices that were issued before stay as they are. The audit names what
 * was changed and not what it says: an address can be somebody's home, and audit is kept for ever.
 */
export async function keepBillingDetails(
  trx: Trx,
  workspaceId: string,
  details: BillingDetails,
  by: { actor: Actor; origin: Origin },
): Promise<void> {
  const before = await billingDetailsOf(trx, workspaceId);
  const changed = COLUMNS.filter((column) => before?.[column] !== details[column]);
  if (changed.length === 0) return;
  await trx
    .insertInto('billing_details')
    .values({ ...details, workspace_id: workspaceId })
    .onConflict((conflict) =>
      conflict.column('workspace_id').doUpdateSet({ ...details, updated_at: sql<Date>`now()` }),
    )
    .execute();
  await audit(trx, {
    workspace_id: workspaceId,
    ...by,
    action: 'billing_details.changed',
    subject: { kind: 'workspace', id: workspaceId },
    after: { changed },
  });
}
