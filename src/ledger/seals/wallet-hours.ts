import { type RawBuilder, sql } from 'kysely';
import { microsecondsOf } from '../arrays.ts';
import type { WalletHour } from './hashes.ts';

/** All columns of an entry, in an order that never changes; times do not depend on a time zone. */
export const SEALED_COLUMNS = [
  ...['wallet_id', 'seq', 'workspace_id', 'kind', 'amount', 'list_amount', 'waiver', 'leg_lots'],
  ...['leg_from', 'leg_to', 'leg_amounts', 'available_after', 'held_after', 'debt_after'],
  ...['namespace', 'key', 'key_hash', 'content_hash', 'actor_kind', 'actor_id', 'on_behalf_of'],
  ...['api_key_id', 'operation', 'quantity', 'lines', 'parent_seq', 'payment_id', 'at'],
  ...['occurred_at', 'recorded_at'],
];
const CANONICAL = SEALED_COLUMNS.map((column) =>
  column === 'at' || column.endsWith('_at') ? microsecondsOf(column) : column,
).join(', ');

/** A query for what was recorded from one moment until another, by hour and wallet. */
export function walletHours(from: Date, until: Date): RawBuilder<WalletHour> {
  // Fenced by the offset: what is sorted is the hash of an entry, not the entry.
  return sql`
    select hour, wallet_id, min(seq) as first_seq, max(seq) as last_seq, count(*) as entry_count,
      sum(amount)::text as amount,
      encode(sha256(string_agg(digest, ''::bytea order by seq)), 'hex') as digest
    from (
      select date_bin('1 hour', recorded_at, '2000-01-01T00:00:00Z') as hour, wallet_id, seq, amount,
        sha256(convert_to(row(${sql.raw(CANONICAL)})::text, 'UTF8')) as digest
      from entries where recorded_at >= ${from} and recorded_at < ${until} offset 0
    ) entry
    group by hour, wallet_id`;
}
