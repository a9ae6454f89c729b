import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../core/instant.ts';
import type { Db } from '../lib/database.ts';
import { timestampOf } from './arrays.ts';
import { dueAt } from './balances.ts';

/** How a wallet stood at a moment, that moment included. */
export interface PastBalance {
  /** The last entry at or before that moment; 0 when there was none. */
  seq: bigint;
  available_micro: bigint;
  held_micro: bigint;
  debt_micro: bigint;
  /** Available and held, less debt. */
  balance_micro: bigint;
  /** What had expired by then, with its entry written later: it is taken off above. */
  unwritten_micro: bigint;
}

/**
 * The balance of a wallet as it was reported at a moment: entries up to it, and what expired or came
 * back by then, whenever its entry was written. A moment to come shows what is due by then. About 20
 * index probes for a million entries, and one for each lot and hold that was due.
 */
export async function balanceAt(
  db: Db,
  walletId: string,
  at: Instant,
): Promise<PastBalance | undefined> {
  const [balance] = await balancesAt(db, walletId, [at]);
  return balance;
}

/**
 * The balances at several moments, in the order in which they are asked for and all of one snapshot;
 * none when there is no such wallet.
 */
export async function balancesAt(
  db: Db,
  walletId: string,
  moments: readonly Instant[],
): Promise<PastBalance[]> {
  const found = await sql<Omit<PastBalance, 'balance_micro' | 'seq'> & { seq: bigint | null }>`
    with recursive ${asked(moments)}, ${positions(walletId)}, ${SETTLED_NEXT}
    select p.seq, coalesce(e.debt_after, 0) as debt_micro,
      coalesce(e.available_after, 0) - d.expiring + d.coming_back as available_micro,
      coalesce(e.held_after, 0) - d.lapsing as held_micro,
      d.expiring + d.lapsing - d.coming_back as unwritten_micro
    from asked a
    join wallets w on w.id = ${walletId}
    left join position p on p.number = a.number
    left join lateral (
      select available_after, held_after, debt_after from entries
      where wallet_id = w.id and seq = p.seq limit 1
    ) e on true
    left join lateral (${dueAt(sql`a.at`)}) due on p.seq = w.last_seq and w.next_due_at <= a.at
    left join lateral (${SETTLED_BY}) settled on p.seq < w.last_seq
    cross join lateral (select
      coalesce(due.expiring, settled.expiring, 0) as expiring,
      coalesce(due.lapsing, settled.lapsing, 0) as lapsing,
      coalesce(due.coming_back, settled.coming_back, 0) as coming_back
    ) d
    order by a.number`.execute(db);
  return found.rows.map(({ seq, ...row }) => {
    if (seq === null) throw new Error(`the entries of wallet ${walletId} have a gap`);
    return { ...row, seq, balance_micro: row.available_micro + row.held_micro - row.debt_micro };
  });
}

function asked(moments: readonly Instant[]): RawBuilder<unknown> {
  return sql`asked as (
    select number, ${sql.raw(timestampOf('micros'))} as at
    from unnest(${moments}::int8[]) with ordinality as t(micros, number)
  )`;
}

/**
 * The last entry at or before each moment. Ledger time increases with the number, so that halving
 * finds it on the primary key: entries have no index by time.
 */
function positions(walletId: string): RawBuilder<unknown> {
  return sql`search as (
    select a.number, a.at, w.id as wallet_id,
      case when w.last_at <= a.at then w.last_seq else 0 end as low,
      case when w.last_at <= a.at then w.last_seq else greatest(w.last_seq - 1, 0) end as high
    from asked a join wallets w on w.id = ${walletId}
    union all
    select s.number, s.at, s.wallet_id,
      case when e.early then e.seq else s.low end, case when e.early then s.high else e.seq - 1 end
    from search s
    cross join lateral (
      select seq, entries.at <= s.at as early from entries
      where wallet_id = s.wallet_id and seq = (s.low + s.high + 1) / 2 limit 1
    ) e
    where s.low < s.high
  ), position as (
    select number, at, wallet_id, low as seq from search where low = high
  )`;
}

/**
 * The entries that the ledger wrote first when it came to the wallet next: what was due by then, a
 * microsecond apart. All that was due at the moment is among them.
 */
const SETTLED_NEXT = sql`settled_next as (
    select p.number, p.at as moment, e.*
    from position p
    cross join lateral (
      select wallet_id, seq, kind, namespace, key, leg_lots, leg_amounts, entries.at from entries
      where wallet_id = p.wallet_id and seq = p.seq + 1 limit 1
    ) e
    where e.namespace = 'due'
    union all
    select n.number, n.moment, e.*
    from settled_next n
    cross join lateral (
      select wallet_id, seq, kind, namespace, key, leg_lots, leg_amounts, entries.at from entries
      where wallet_id = n.wallet_id and seq = n.seq + 1 limit 1
    ) e
    where e.namespace = 'due' and e.at = n.at + interval '1 microsecond'
  )`;

/** Of these, what was due at the moment itself; what came back is by the lot's expiry as of then. */
const SETTLED_BY = sql`
  select (sum(leg.amount) filter (where n.kind = 'expiry'))::int8 as expiring,
    (sum(leg.amount) filter (where n.kind = 'release'))::int8 as lapsing,
    (sum(leg.amount) filter (where n.kind = 'release'
      and (of_lot.expires_at is null or of_lot.expires_at > n.moment)))::int8 as coming_back
  from settled_next n
  cross join unnest(n.leg_lots, n.leg_amounts) as leg(lot, amount)
  cross join lateral (
    select expires_at from lots where wallet_id = n.wallet_id and number = leg.lot limit 1
  ) of_lot
  where n.number = a.number and n.moment >= case n.kind
    when 'expiry' then of_lot.expires_at
    else (select h.expires_at from holds h
      where h.wallet_id = n.wallet_id and h.id = substr(n.key, length('hold ') + 1)::uuid)
    end`;
