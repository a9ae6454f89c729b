import { sql } from 'kysely';
import type { EntryKind } from '../core/wallet.ts';
import type { Db } from '../lib/database.ts';

/** One of the entries that belong together: a hold, what was captured of it, what came back. */
export interface FamilyEntry {
  seq: bigint;
  kind: EntryKind;
  amount_micro: bigint;
  at: Date;
}

/** A hold that is still open. */
export interface OpenHold {
  expires_at: Date;
}

/** So many relatives are told of; a hold that is captured a thousand times has more. */
const MEMBERS_MAX = 60;
/** Hold, capture, refund, and what should have been charged instead. */
const GENERATIONS_MAX = 8;

/**
 * All entries that one belongs with, in their order: from the first that it is about, in any number
 * of steps, to all that are about that. An entry that stands alone is its own family.
 */
export async function familyOf(
  db: Db,
  walletId: string,
  seq: bigint,
): Promise<{ members: FamilyEntry[]; has_more: boolean }> {
  const found = await sql<FamilyEntry>`
    with recursive ancestor as (
      select seq, parent_seq, 1 as generation from entries
      where wallet_id = ${walletId} and seq = ${seq}
      union all
      select e.seq, e.parent_seq, a.generation + 1 from ancestor a cross join lateral (
        select seq, parent_seq from entries where wallet_id = ${walletId} and seq = a.parent_seq
        limit 1
      ) e
      where a.generation < ${GENERATIONS_MAX}
    ), descendant as (
      select min(seq) as seq, 1 as generation from ancestor
      union all
      select e.seq, d.generation + 1 from descendant d cross join lateral (
        select seq from entries where wallet_id = ${walletId} and parent_seq = d.seq
        order by seq limit ${MEMBERS_MAX}
      ) e
      where d.generation < ${GENERATIONS_MAX}
    ), member as (
      (select seq from descendant limit ${MEMBERS_MAX + 1}) union select seq from ancestor
    )
    select e.seq, e.kind, e.amount as amount_micro, e.at from member m cross join lateral (
      select seq, kind, amount, entries.at from entries
      where wallet_id = ${walletId} and seq = m.seq limit 1
    ) e
    order by e.seq`.execute(db);
  return { members: found.rows, has_more: found.rows.length > MEMBERS_MAX };
}

/** The hold that an entry made, while it is open: found among those that are. */
export async function openHoldOf(
  db: Db,
  walletId: string,
  entrySeq: bigint,
): Promise<OpenHold | undefined> {
  return db
    .selectFrom('holds')
    .select('expires_at')
    .where('wallet_id', '=', walletId)
    .where('entry_seq', '=', entrySeq)
    .where('open', '=', true)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
}
