import { type RawBuilder, sql } from 'kysely';
import type { ExportPeriod, ExportRow } from '../lib/exports.ts';

/** Every payment that was made in a period, with its invoice; money in minor units. */
export function paymentsToExport({
  from,
  until,
  workspace_id,
}: ExportPeriod): RawBuilder<ExportRow> {
  return sql`
    select p.id, p.workspace_id, w.name as customer, p.type, p.status, p.provider, p.livemode,
      p.currency, p.subtotal_minor, p.discount_minor, p.tax_minor, p.total_minor, p.refunded_minor,
      p.catalogue ->> 'name' as sold, i.number as invoice, p.parent_payment_id, p.payment_intent_id,
      p.stripe_refund_id, p.bank_reference, p.reason, p.created_at, p.completed_at
    from payments p join workspaces w on w.id = p.workspace_id
      left join invoices i on i.payment_id = p.id
    where p.created_at >= ${from} and p.created_at < ${until}
      and (${workspace_id ?? null}::uuid is null or p.workspace_id = ${workspace_id ?? null})
    order by p.id`;
}
