import { type RawBuilder, sql } from 'kysely';
import { MOVES } from '../../core/moves.ts';
import { BUCKET_LETTERS } from '../tables.ts';
import { type Rules, type Scope, type Violation, allOf, breaking } from './scope.ts';

/** Every move that a kind of entry may make. */
const LEGAL = sql.join(
  Object.entries(MOVES).flatMap(([kind, { amount, beside = [] }]) =>
    [...amount, ...beside].map(([from, to]) =>
      sql.raw(`('${kind}', '${BUCKET_LETTERS[from]}'::"char", '${BUCKET_LETTERS[to]}'::"char")`),
    ),
  ),
);

/** Folds the legs of all entries, and compares with the lots and the wallets. */
export const lotRules: Rules = (scope) => sql`
  with moved as materialized (
    select e.wallet_id, e.kind, t.lot, t.source, t.target, sum(t.amount) as amount,
      min(t.amount) as least, min(e.seq) as seq
    from entries e cross join lateral
      unnest(e.leg_lots, e.leg_from, e.leg_to, e.leg_amounts) as t(lot, source, target, amount)
    where ${scope('e.wallet_id')}
    group by e.wallet_id, e.kind, t.lot, t.source, t.target
  ), folded as (
    select wallet_id, lot,
      sum(amount * ((target = 'a')::int - (source = 'a')::int)) as available,
      sum(amount * ((target = 'h')::int - (source = 'h')::int)) as held,
      sum(amount * ((target = 'c')::int - (source = 'c')::int)) as consumed,
      sum(amount * ((target = 'e')::int - (source = 'e')::int)) as expired,
      sum(amount * ((target = 'r')::int - (source = 'r')::int)) as removed
    from moved where lot > 0 group by wallet_id, lot
  )
  ${allOf([...ofMoves(), ...ofLots(scope), ...ofWallets(scope)])}`;

function ofMoves(): RawBuilder<Violation>[] {
  const detail = `'entry ' || m.seq || ', lot ' || m.lot`;
  return [
    breaking('an entry moves credits as its kind may', {
      detail,
      found: sql`from moved m where not exists (
        select from (values ${LEGAL}) as legal(kind, source, target)
        where (legal.kind, legal.source, legal.target) = (m.kind, m.source, m.target))`,
    }),
    breaking('a leg is of a lot, or of the debt', {
      detail,
      found: sql`from moved m where (m.lot = 0) <> (m.source = 'd' or m.target = 'd')`,
    }),
    breaking('a leg moves more than nothing', {
      detail,
      found: sql`from moved m where m.least <= 0`,
    }),
    breaking('a leg names a lot that exists', {
      wallet: 'f.wallet_id',
      detail: `'lot ' || f.lot`,
      found: sql`from folded f where not exists (
        select from lots l where l.wallet_id = f.wallet_id and l.number = f.lot)`,
    }),
  ];
}

function ofLots(scope: Scope): RawBuilder<Violation>[] {
  const of = { wallet: 'l.wallet_id', detail: `'lot ' || l.number` };
  return [
    breaking('a lot equals the fold of its legs', {
      ...of,
      found: sql`from lots l left join folded f on f.wallet_id = l.wallet_id and f.lot = l.number
        where ${scope('l.wallet_id')} and
          (l.available, l.held, l.consumed, l.expired, l.removed) is distinct from
          (f.available, f.held, f.consumed, f.expired, f.removed)`,
    }),
    breaking('a lot was made by its entry', {
      ...of,
      found: sql`from lots l
        left join entries e on e.wallet_id = l.wallet_id and e.seq = l.entry_seq
        where ${scope('l.wallet_id')} and (e.seq is null or e.at <> l.granted_at or not exists (
          select from unnest(e.leg_lots, e.leg_from, e.leg_amounts) as t(lot, source, amount)
          where t.lot = l.number and t.source = 'w' and t.amount = l.granted))`,
    }),
    breaking('a lot is of a wallet, in its workspace', {
      ...of,
      found: sql`from lots l left join wallets w on w.id = l.wallet_id
        where ${scope('l.wallet_id')} and w.workspace_id is distinct from l.workspace_id`,
    }),
  ];
}

function ofWallets(scope: Scope): RawBuilder<Violation>[] {
  const wallet = 'w.id';
  return [
    breaking('a wallet equals the sum of its lots', {
      wallet,
      found: sql`from wallets w left join (
          select wallet_id, sum(available) as available, sum(held) as held, max(number) as last
          from lots where ${scope('wallet_id')} group by wallet_id) l on l.wallet_id = w.id
        where ${scope('w.id')} and (w.available, w.held, w.last_lot) is distinct from
          (coalesce(l.available, 0), coalesce(l.held, 0), coalesce(l.last, 0))`,
    }),
    breaking('a wallet equals its last entry', {
      wallet,
      detail: `'entry ' || w.last_seq`,
      found: sql`from wallets w
        left join entries e on e.wallet_id = w.id and e.seq = w.last_seq
        where ${scope('w.id')} and w.last_seq > 0
          and (w.available, w.held, w.debt, w.last_at) is distinct from
            (e.available_after, e.held_after, e.debt_after, e.at)`,
    }),
    breaking('a wallet that was never written to is empty', {
      wallet,
      found: sql`from wallets w
        where ${scope('w.id')} and w.last_seq = 0 and (w.available, w.held, w.debt) <> (0, 0, 0)`,
    }),
    breaking('a wallet looks when its next lot is due', {
      wallet,
      detail: `'lot ' || l.number`,
      found: sql`from wallets w join lots l on l.wallet_id = w.id
        where ${scope('w.id')} and l.open and l.available > 0 and l.expires_at is not null
          and (w.next_due_at is null or w.next_due_at > l.expires_at)`,
    }),
    breaking('a wallet looks when its next hold is due', {
      wallet,
      detail: `'hold ' || h.id`,
      found: sql`from wallets w join holds h on h.wallet_id = w.id
        where ${scope('w.id')} and h.open
          and (w.next_due_at is null or w.next_due_at > h.expires_at)`,
    }),
  ];
}
