import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';

/** One thing that does not add up: which rule, in which wallet, at which entry or lot. */
export interface Violation {
  rule: string;
  wallet_id: string;
  detail: string;
}

/**
 * Proves in SQL that the stored amounts are the fold of the entries and the sum of the lots.
 * An empty answer is the proof. Reads all wallets: ask with the staff role.
 */
export async function verifyLedger(db: Db): Promise<Violation[]> {
  const found = await sql<Violation>`${FOLD} ${RULES} order by wallet_id, rule`.execute(db);
  return found.rows;
}

/** The legs of all entries, what they come to for each lot, and each entry beside the one before. */
const FOLD = sql`
  with leg as (
    select e.wallet_id, e.seq, t.lot, t.source, t.target, t.amount
    from entries e, unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts)
      as t(lot, source, target, amount)
  ), folded as (
    select wallet_id, lot,
      sum(amount * ((target = 'a')::int - (source = 'a')::int)) as available,
      sum(amount * ((target = 'h')::int - (source = 'h')::int)) as held,
      sum(amount * ((target = 'c')::int - (source = 'c')::int)) as consumed,
      sum(amount * ((target = 'e')::int - (source = 'e')::int)) as expired,
      sum(amount * ((target = 'r')::int - (source = 'r')::int)) as removed
    from leg where lot > 0 group by wallet_id, lot
  ), chained as (
    select e.wallet_id, e.seq, e.at, e.available_after, e.held_after, e.debt_after,
      lag(e.seq, 1, 0::int8) over before as seq_before,
      lag(e.at) over before as at_before,
      lag(e.available_after, 1, 0::int8) over before + coalesce(m.available, 0) as available_due,
      lag(e.held_after, 1, 0::int8) over before + coalesce(m.held, 0) as held_due,
      lag(e.debt_after, 1, 0::int8) over before + coalesce(m.debt, 0) as debt_due
    from entries e left join (
      select wallet_id, seq,
        sum(amount * ((target = 'a')::int - (source = 'a')::int)) as available,
        sum(amount * ((target = 'h')::int - (source = 'h')::int)) as held,
        sum(amount * ((source = 'd')::int - (target = 'd')::int)) as debt
      from leg group by wallet_id, seq
    ) m using (wallet_id, seq)
    window before as (partition by e.wallet_id order by e.seq)
  )`;

/** Each rule as a query for what breaks it. */
const RULES = sql`
  select 'a lot equals the fold of its legs' as rule, l.wallet_id, 'lot ' || l.number as detail
  from lots l left join folded f on f.wallet_id = l.wallet_id and f.lot = l.number
  where (l.available, l.held, l.consumed, l.expired, l.removed) is distinct from
    (f.available::int8, f.held::int8, f.consumed::int8, f.expired::int8, f.removed::int8)
  union all
  select 'a leg names a lot that exists', f.wallet_id, 'lot ' || f.lot
  from folded f where not exists (
    select from lots l where l.wallet_id = f.wallet_id and l.number = f.lot)
  union all
  select 'a wallet equals the sum of its lots', w.id, ''
  from wallets w left join (
    select wallet_id, sum(available)::int8 as available, sum(held)::int8 as held
    from lots group by wallet_id) l on l.wallet_id = w.id
  where (w.available, w.held) is distinct from (coalesce(l.available, 0), coalesce(l.held, 0))
  union all
  select 'a wallet equals its last entry', w.id, 'entry ' || w.last_seq
  from wallets w left join entries e on e.wallet_id = w.id and e.seq = w.last_seq
  where w.last_seq > 0 and (w.available, w.held, w.debt, w.last_at) is distinct from
    (e.available_after, e.held_after, e.debt_after, e.at)
  union all
  select 'a wallet that was never written to is empty', w.id, ''
  from wallets w where w.last_seq = 0 and (w.available, w.held, w.debt) <> (0, 0, 0)
  union all
  select 'entries are numbered without a gap', c.wallet_id, 'entry ' || c.seq
  from chained c where c.seq <> c.seq_before + 1
  union all
  select 'no entry is beyond the last', e.wallet_id, 'entry ' || e.seq
  from entries e join wallets w on w.id = e.wallet_id where e.seq > w.last_seq
  union all
  select 'the amounts after an entry follow from the entry before', c.wallet_id, 'entry ' || c.seq
  from chained c
  where (c.available_after, c.held_after, c.debt_after) <> (c.available_due, c.held_due, c.debt_due)
  union all
  select 'ledger time increases', c.wallet_id, 'entry ' || c.seq
  from chained c where c.at <= c.at_before
  union all
  select 'a wallet looks when its next lot is due', w.id, 'lot ' || l.number
  from wallets w join lots l on l.wallet_id = w.id
  where l.open and l.available > 0 and l.expires_at is not null
    and (w.next_due_at is null or w.next_due_at > l.expires_at)
  union all
  select 'held is the sum of the open holds', w.id, ''
  from wallets w left join (
    select wallet_id, sum(amount - captured - released)::int8 as held
    from holds where open group by wallet_id) h on h.wallet_id = w.id
  where w.held <> coalesce(h.held, 0)`;
