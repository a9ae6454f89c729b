import { type RawBuilder, sql } from 'kysely';
import type { ExportPeriod, ExportRow } from '../lib/exports.ts';

/** Every entry that was recorded in a period, by wallet and number, credits as decimals. */
export function entriesToExport({
  from,
  until,
  workspace_id,
}: ExportPeriod): RawBuilder<ExportRow> {
  return sql`
    select e.workspace_id, e.wallet_id, e.seq, e.kind,
      trim_scale(e.amount / 1000000::numeric)::text as amount,
      trim_scale(e.list_amount / 1000000::numeric)::text as list_amount,
      trim_scale(e.available_after / 1000000::numeric)::text as available_after,
      trim_scale(e.held_after / 1000000::numeric)::text as held_after,
      trim_scale(e.debt_after / 1000000::numeric)::text as debt_after,
      e.operation, trim_scale(e.quantity / 1000000::numeric)::text as quantity,
      e.namespace, e.key, e.actor_kind, e.actor_id, e.api_key_id, e.on_behalf_of, e.parent_seq,
      e.payment_id, e.at, e.occurred_at, e.recorded_at, d.description
    from entries e left join entry_details d using (wallet_id, seq)
    where e.recorded_at >= ${from} and e.recorded_at < ${until}
      and (${workspace_id ?? null}::uuid is null or e.workspace_id = ${workspace_id ?? null})
    order by e.wallet_id, e.seq`;
}
