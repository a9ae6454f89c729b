import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { LotSource } from '../core/lots.ts';
import type { Db } from '../lib/database.ts';
import { timestampOf } from './arrays.ts';
import { type NamedLot, selectLots } from './lots.ts';
import type { PastBalance } from './past-balances.ts';

/** What a lot had left at a moment: to be spent, or held. */
export interface PastLot extends Omit<NamedLot, 'available_micro'> {
  left_micro: bigint;
}

/** Entries have no index by lot: so many are looked through at most. */
const FOLDED_ENTRIES_MAX = 100_000n;

/**
 * The lots that a balance in the past consisted of, in the order in which they burn: what was granted
 * until then, less what had gone of it. Counted from the wallet's first entry on or back from its
 * last, whichever is nearer; undefined when both are too far.
 * @param db of one moment, with the balance
 */
export async function lotsAt(
  db: Db,
  walletId: string,
  at: Instant,
  { seq }: Pick<PastBalance, 'seq'>,
): Promise<PastLot[] | undefined> {
  const wallet = await db
    .selectFrom('wallets')
    .select('last_seq')
    .where('id', '=', walletId)
    .executeTakeFirst();
  if (wallet === undefined) return undefined;
  const isLate = wallet.last_seq - seq < seq;
  const entries = isLate ? wallet.last_seq - seq : seq;
  if (entries > FOLDED_ENTRIES_MAX) return undefined;
  const moved = movedBetween(walletId, isLate ? seq : 0n, isLate ? wallet.last_seq : seq);
  // Back from what is left now, or on from nothing.
  const then = (column: 'available' | 'held') =>
    sql.raw(isLate ? `l.${column} - coalesce(m.${column}, 0)` : `coalesce(m.${column}, 0)`);
  const found = await sql<PastLot>`
    with moved as (${moved})
    select l.number, l.entry_seq, l.source, d.description, l.granted_at, l.expires_at, l.operations,
      had.left_micro
    from lots l
    left join moved m on m.lot = l.number
    left join entry_details d on d.wallet_id = l.wallet_id and d.seq = l.entry_seq
    cross join lateral (
      select (case when l.expires_at <= ${sql.raw(timestampOf(`${at}::int8`))} then 0
        else ${then('available')} end + ${then('held')})::int8 as left_micro
    ) had
    where l.wallet_id = ${walletId} and l.entry_seq <= ${seq} and had.left_micro > 0
    order by l.priority, l.expires_at, l.number`.execute(db);
  return found.rows;
}

/** By how much the entries above one number up to another changed what each lot had. */
function movedBetween(walletId: string, above: bigint, upto: bigint): RawBuilder<unknown> {
  const changeOf = (bucket: 'a' | 'h') =>
    sql.raw(`sum(case '${bucket}' when leg.target then leg.amount when leg.origin then -leg.amount
      else 0 end)`);
  return sql`
    select leg.lot, ${changeOf('a')} as available, ${changeOf('h')} as held
    from entries e
    cross join unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts)
      as leg(lot, origin, target, amount)
    where e.wallet_id = ${walletId} and e.seq > ${above} and e.seq <= ${upto} and leg.lot > 0
    group by leg.lot`;
}

/** A lot as it came. */
export interface GrantedLot extends NamedLot {
  granted_micro: bigint;
}

/** Which lots came with the entries above one number up to another, the first ones first. */
export async function lotsGrantedBetween(
  db: Db,
  walletId: string,
  { above, upto, limit }: { above: bigint; upto: bigint; limit: number },
): Promise<GrantedLot[]> {
  return selectLots(db, walletId)
    .select('l.granted as granted_micro')
    .where('l.entry_seq', '>', above)
    .where('l.entry_seq', '<=', upto)
    .orderBy('l.number')
    .limit(limit)
    .execute();
}

/** What the grants among these entries come to, by where their credits came from. */
export async function grantedBySource(
  db: Db,
  walletId: string,
  { above, upto }: { above: bigint; upto: bigint },
): Promise<{ source: LotSource; entries: bigint; granted_micro: bigint }[]> {
  const found = await sql<{ source: LotSource; entries: bigint; granted_micro: bigint }>`
    select l.source, count(*)::int8 as entries, sum(l.granted)::int8 as granted_micro
    from lots l cross join lateral (
      select kind from entries where wallet_id = l.wallet_id and seq = l.entry_seq limit 1
    ) e
    where l.wallet_id = ${walletId} and l.entry_seq > ${above} and l.entry_seq <= ${upto}
      and e.kind = 'grant'
    group by l.source order by l.source`.execute(db);
  return found.rows;
}
