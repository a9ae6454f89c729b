import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { Db } from '../lib/database.ts';
import { microsecondsOf } from './arrays.ts';

/** The version of the price rule by which a hold was made; undefined when the wallet has no such hold. */
export async function ruleOfHold(
  db: Db,
  walletId: string,
  holdId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('holds as h')
    .innerJoin('entries as e', (join) =>
      join.onRef('e.wallet_id', '=', 'h.wallet_id').onRef('e.seq', '=', 'h.entry_seq'),
    )
    .select(sql<string>`e.lines->0->>'rule'`.as('rule'))
    .where('h.wallet_id', '=', walletId)
    .where('h.id', '=', holdId)
    .executeTakeFirst();
  return row?.rule;
}

/** A hold as it stands now: one that is over its deadline has given back what was left. */
export interface HoldReport {
  id: string;
  /** The entry that made it. */
  entry_seq: bigint;
  operation: string | null;
  /** What was asked for, in 10^-6 of the operation's unit. */
  quantity: bigint | null;
  on_behalf_of: string | null;
  open: boolean;
  amount_micro: bigint;
  captured_micro: bigint;
  released_micro: bigint;
  created_at: Instant;
  expires_at: Instant;
}

/** One hold, open or settled. */
export async function holdReport(
  db: Db,
  walletId: string,
  holdId: string,
): Promise<HoldReport | undefined> {
  const [hold] = await holdReports(db, walletId, sql`and h.id = ${holdId}`);
  return hold;
}

/** Where a page of open holds begins: after the hold with this deadline and id. */
export interface HoldCursor {
  expires_at: Instant;
  id: string;
}

/** A page of the holds that are open, the next deadline first. Bounded by the holds of the page. */
export async function openHolds(
  db: Db,
  walletId: string,
  { after, limit }: { after?: HoldCursor | undefined; limit: number },
): Promise<{ holds: HoldReport[]; has_more: boolean }> {
  const later = after === undefined ? sql`` : laterThan(after);
  const holds = await holdReports(
    db,
    walletId,
    sql`and h.open and h.expires_at > now() ${later} order by h.expires_at, h.id limit ${limit + 1}`,
  );
  return { holds: holds.slice(0, limit), has_more: holds.length > limit };
}

function laterThan({ expires_at, id }: HoldCursor): RawBuilder<unknown> {
  const moment = sql`timestamptz '1970-01-01T00:00:00Z' + ${expires_at} * interval '1 microsecond'`;
  return sql`and (h.expires_at, h.id) > (${moment}, ${id}::uuid)`;
}

async function holdReports(
  db: Db,
  walletId: string,
  which: RawBuilder<unknown>,
): Promise<HoldReport[]> {
  const found = await sql<HoldReport>`
    select h.id, h.entry_seq, h.operation, e.quantity, e.on_behalf_of,
      h.open and not now.is_over as open, h.amount as amount_micro, h.captured as captured_micro,
      case when now.is_over then h.amount - h.captured else h.released end as released_micro,
      ${sql.raw(microsecondsOf('h.created_at'))} as created_at,
      ${sql.raw(microsecondsOf('h.expires_at'))} as expires_at
    from holds h
    join entries e on e.wallet_id = h.wallet_id and e.seq = h.entry_seq
    cross join lateral (select h.open and h.expires_at <= now() as is_over) now
    where h.wallet_id = ${walletId} ${which}`.execute(db);
  return found.rows;
}
