import { sql } from 'kysely';
import { type Origin, audit } from '../../lib/audit.ts';
import type { Trx } from '../../lib/database.ts';

/**
 * Lets the grants of a file begin, in the transaction in which nobody has to approve them any more. A
 * job makes them.
 * @returns undefined, or the sentence that says why they cannot begin
 */
export async function startBulkGrant(
  trx: Trx,
  request: { subject_id: string; reason: string; asked_by: string },
  origin: Origin,
): Promise<string | undefined> {
  const { subject_id: id, reason, asked_by: started_by } = request;
  const begun = await trx
    .updateTable('bulk_grants')
    .set({ state: 'running', started_at: sql<Date>`now()`, started_by, reason })
    .where('id', '=', id)
    .where('state', '=', 'checked')
    .returning(['total', 'row_count'])
    .executeTakeFirst();
  if (begun === undefined) return 'These grants have begun already.';
  await audit(trx, {
    actor: { kind: 'person', id: started_by },
    action: 'bulk_grant.started',
    subject: { kind: 'bulk_grant', id },
    after: { total_micro: String(begun.total), rows: begun.row_count },
    reason,
    origin,
  });
  return undefined;
}
