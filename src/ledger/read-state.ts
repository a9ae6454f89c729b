import type { Command, Transfer } from '../core/commands.ts';
import type { Hold } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';
import type { Lot } from '../core/lots.ts';
import type { Asked, Charge, Clawback, Wallet, WalletState } from '../core/wallet.ts';
import { type ItemType, arrayOf, microsecondsOf, timestampOf } from './arrays.ts';
import type { Statements } from './statements.ts';

const LOCK = `
  select id, workspace_id, livemode, available, held, debt, last_seq, last_lot,
    ${microsecondsOf('last_at')} as last_at, ${microsecondsOf('next_due_at')} as next_due_at,
    frozen_at is not null as frozen, overdraft_limit, refund_to_expired_lot, grace_seconds,
    capture_above_hold, reversal, hold_max_seconds, time_zone, has_budgets,
    alert_below, alert_above, watch_below, watch_above, xmin as version,
    case when unlimited_until > clock_timestamp() then unlimited_reason end as unlimited
  from wallets where id = any($1::uuid[]) order by id for no key update`;
const UNLOCKED = LOCK.replace('for no key update', '');
const TAKE = { all: LOCK, free: `${LOCK} skip locked`, unlocked: UNLOCKED };
export type Taking = keyof typeof TAKE;

const LOT_COLUMNS = `l.wallet_id, l.number, l.entry_seq, l.source, l.priority, l.granted, l.available,
    l.held, l.consumed, l.expired, l.removed, l.cost_minor, l.currency, l.payment_id, l.subscription_id, l.operations,
    ${microsecondsOf('l.granted_at')} as granted_at, ${microsecondsOf('l.expires_at')} as expires_at`;

const OPEN_LOTS = `select ${LOT_COLUMNS} from lots l where l.wallet_id = any($1::uuid[]) and l.open`;

/** Lots of charges that have nothing left, to which something may come back. */
const CHARGED_LOTS = `
  select ${LOT_COLUMNS} from lots l where not l.open and (l.wallet_id, l.number) in (
    select e.wallet_id, unnest(e.leg_lots)
    from unnest($1::uuid[], $2::int8[]) as named(wallet_id, seq)
    join entries e on e.wallet_id = named.wallet_id and e.seq = named.seq)`;

const HOLD_COLUMNS = `
  h.wallet_id, h.id, h.entry_seq, h.operation, h.quantity, h.amount, h.captured, h.released, h.open,
    made.waiver, made.actor_kind, made.actor_id, made.api_key_id,
    ${microsecondsOf('h.created_at')} as created_at, ${microsecondsOf('h.expires_at')} as expires_at,
    ${microsecondsOf('h.expires_at_most')} as expires_at_most,
    coalesce((
      select json_agg(json_build_object('lot', l.lot_number, 'position', l.position,
        'amount', l.amount::text, 'captured', l.captured::text, 'released', l.released::text))
      from hold_lots l where l.wallet_id = h.wallet_id and l.hold_id = h.id), '[]') as lots`;

const HOLDS = `holds h
  join entries made on made.wallet_id = h.wallet_id and made.seq = h.entry_seq`;

const NAMED_HOLDS = `
  select ${HOLD_COLUMNS}
  from (select distinct * from unnest($1::uuid[], $2::uuid[]) as t(wallet_id, id)) named
  join (${HOLDS}) on h.wallet_id = named.wallet_id and h.id = named.id`;

const LAPSED_HOLDS = `
  select ${HOLD_COLUMNS} from ${HOLDS}
  where h.wallet_id = any($1::uuid[]) and h.open and h.expires_at <= ${timestampOf('$2::int8')}`;

const NEXT_HOLDS = `
  select due.wallet_id, (
    select ${microsecondsOf('h.expires_at')} from holds h
    where h.wallet_id = due.wallet_id and h.open and h.expires_at > ${timestampOf('$2::int8')}
    order by h.expires_at limit 1) as at
  from unnest($1::uuid[]) as due(wallet_id)`;

const CHARGES = `
  select e.wallet_id, e.seq, e.operation, ${microsecondsOf('counted.at')} as counted_at,
    counted.actor_kind, counted.actor_id, counted.api_key_id, t.lot, sum(t.amount)::int8 as taken,
    coalesce(max(r.refunded), 0) as refunded
  from (select distinct * from unnest($1::uuid[], $2::int8[]) as t(wallet_id, seq)) named
  join entries e on e.wallet_id = named.wallet_id and e.seq = named.seq
  join entries counted on counted.wallet_id = e.wallet_id
    and counted.seq = case e.kind when 'capture' then e.parent_seq else e.seq end
  cross join unnest(e.leg_lots, e.leg_to, e.leg_amounts) with ordinality
    as t(lot, target, amount, position)
  left join refund_totals r
    on r.wallet_id = e.wallet_id and r.entry_seq = e.seq and r.lot_number = t.lot
  where e.kind in ('debit', 'capture') and t.target = 'c'
  group by e.wallet_id, e.seq, counted.wallet_id, counted.seq, t.lot
  order by e.wallet_id, e.seq, min(t.position)`;

/** Lots that are clawed back, and those of clawbacks that are reinstated, open or not. */
const CLAWED_LOTS = `
  select ${LOT_COLUMNS}, coalesce(r.refunded, 0) as clawed_back
  from (
    select wallet_id, lot_number from unnest($1::uuid[], $2::int4[]) as t(wallet_id, lot_number)
    union
    select c.wallet_id, c.lot_number
    from unnest($3::uuid[], $4::int8[]) as t(wallet_id, seq)
    join refund_totals c on c.wallet_id = t.wallet_id and c.entry_seq = t.seq
  ) named
  join lots l on l.wallet_id = named.wallet_id and l.number = named.lot_number
  left join refund_totals r
    on r.wallet_id = l.wallet_id and r.entry_seq = l.entry_seq and r.lot_number = l.number`;

const CLAWBACKS = `
  select e.wallet_id, e.seq, ${microsecondsOf('e.at')} as at, r.lot_number as lot, e.amount,
    (select coalesce(sum(t.amount), 0) from unnest(e.leg_from, e.leg_amounts) as t(source, amount)
      where t.source = 'd')::int8 as owed, r.refunded as returned
  from (select distinct * from unnest($1::uuid[], $2::int8[]) as t(wallet_id, seq)) named
  join entries e on e.wallet_id = named.wallet_id and e.seq = named.seq and e.kind = 'clawback'
  join refund_totals r on r.wallet_id = e.wallet_id and r.entry_seq = e.seq`;

const SENT_BEFORE = `
  select t.lot, sum(t.amount)::int8 as amount
  from entries e cross join unnest(e.leg_lots, e.leg_amounts) as t(lot, amount)
  where e.wallet_id = any($1::uuid[]) and e.seq >= $2 and e.kind = 'transfer_out'
  group by t.lot`;

export type OfWallet<Row> = Row & { wallet_id: string };

/** What is added to the states of wallets that are locked. */
export type Named = Omit<WalletState, 'wallet' | 'budgets' | 'counters'>;

/** A wallet under its lock. Every update of its row, whoever makes it, gives it another version. */
export interface LockedWallet {
  wallet: Wallet;
  version: string;
}

/**
 * Locks the wallets in the order of their ids; one that does not exist is missing from the answer,
 * and of `free` ones one that somebody else keeps locked; `unlocked` are read only.
 */
export async function lockWallets(
  statements: Statements,
  walletIds: readonly string[],
  taking: Taking,
): Promise<LockedWallet[]> {
  const found = await statements.query<Omit<Wallet, 'next_hold_at'> & { version: string }>(
    TAKE[taking],
    [arrayOf('uuid', walletIds)],
  );
  return found.map(({ version, ...wallet }) => ({
    // What was noted before holds until it is due; then the next one is looked up.
    wallet: { ...wallet, next_hold_at: wallet.next_due_at },
    version,
  }));
}

/**
 * The open lots of wallets. In a statement after the lock's: one that locks and reads at once would
 * see the lots as they were before it waited.
 */
export function readOpenLots(
  statements: Statements,
  walletIds: readonly string[],
): Promise<OfWallet<Lot>[]> {
  return statements.query<OfWallet<Lot>>(OPEN_LOTS, [arrayOf('uuid', walletIds)]);
}

/**
 * The holds, charges, lots and clawbacks that commands name, with those of their lots that are used
 * up.
 */
export async function readNamed(
  statements: Statements,
  commands: readonly (Command | Transfer)[],
): Promise<Map<string, Named>> {
  const held: NamedBy = { type: 'uuid', pairs: [] };
  const charged: NamedBy = { type: 'int8', pairs: [] };
  const clawed: NamedBy = { type: 'int4', pairs: [] };
  const reinstated: NamedBy = { type: 'int8', pairs: [] };
  for (const one of commands) {
    if ('hold_id' in one) held.pairs.push([one.wallet_id, one.hold_id]);
    else if (one.kind === 'clawback') clawed.pairs.push([one.wallet_id, one.lot]);
    else if (one.kind === 'reinstatement') reinstated.pairs.push([one.wallet_id, one.entry_seq]);
    else if ('entry_seq' in one) charged.pairs.push([one.wallet_id, one.entry_seq]);
  }
  const ask = <Row>(query: string, ...named: NamedBy[]): Promise<OfWallet<Row>[]> | [] => {
    if (named.every(({ pairs }) => pairs.length === 0)) return [];
    return statements.query<OfWallet<Row>>(query, named.flatMap(columnsOf));
  };
  const [holds, parts, chargedLots, clawedLots, clawbacks] = await Promise.all([
    held.pairs.length === 0 ? [] : readHolds(statements, NAMED_HOLDS, columnsOf(held)),
    ask<ChargePart>(CHARGES, charged),
    ask<Lot>(CHARGED_LOTS, charged),
    ask<Lot & { clawed_back: bigint }>(CLAWED_LOTS, clawed, reinstated),
    ask<Clawback>(CLAWBACKS, reinstated),
  ]);
  const lots = [...chargedLots, ...clawedLots];
  const walletIds = [...holds, ...parts, ...lots, ...clawbacks].map(({ wallet_id }) => wallet_id);
  return new Map(
    [...new Set(walletIds)].map((id): [string, Named] => {
      const own = <Row extends { wallet_id: string }>(rows: readonly Row[]): Row[] =>
        rows.filter((row) => row.wallet_id === id);
      const charges = Map.groupBy(own(parts), (part) => part.seq);
      return [
        id,
        {
          lots: own(lots),
          holds: own(holds),
          charges: [...charges.values()].flatMap(chargeOfParts),
          clawed_lots: own(clawedLots).map((lot) => ({ ...lot, lot: lot.number })),
          clawbacks: own(clawbacks),
        },
      ];
    }),
  );
}

/**
 * How much of each lot was sent to other wallets before. Only lots that cost something and of which
 * something was taken away are looked for, from the entry that granted the first of them on.
 */
export async function readSentBefore(
  statements: Statements,
  { wallet, lots }: WalletState,
): Promise<Map<number, bigint>> {
  const [first] = lots
    .filter((lot) => lot.cost_minor > 0n && lot.removed > 0n && lot.available > 0n)
    .sort((one, other) => one.number - other.number);
  if (first === undefined) return new Map();
  const found = await statements.query<{ lot: number; amount: bigint }>(SENT_BEFORE, [
    arrayOf('uuid', [wallet.id]),
    String(first.entry_seq),
  ]);
  return new Map(found.map(({ lot, amount }) => [lot, amount]));
}

/** What wallets with something due need besides: the holds that lapse until then, and the next. */
export async function readDue(
  statements: Statements,
  walletIds: readonly string[],
  until: Instant,
): Promise<{ holds: OfWallet<Hold>[]; next: Map<string, Instant | null> }> {
  const values = [arrayOf('uuid', walletIds), until];
  const [holds, next] = await Promise.all([
    readHolds(statements, LAPSED_HOLDS, values),
    statements.query<OfWallet<{ at: Instant | null }>>(NEXT_HOLDS, values),
  ]);
  return { holds, next: new Map(next.map(({ wallet_id, at }) => [wallet_id, at])) };
}

async function readHolds(
  statements: Statements,
  query: string,
  values: readonly unknown[],
): Promise<OfWallet<Hold>[]> {
  const found = await statements.query<OfWallet<Omit<Hold, 'lots' | 'asked'>> & StoredHold>(
    query,
    values,
  );
  return found.map((hold) => ({
    ...hold,
    asked: askedOf(hold),
    lots: hold.lots.map((lot) => ({
      lot: lot.lot,
      position: lot.position,
      amount: BigInt(lot.amount),
      captured: BigInt(lot.captured),
      released: BigInt(lot.released),
    })),
  }));
}

/** The rows of one charge, one for each lot, each with all that is told of the charge. */
type ChargePart = Charge['parts'][number] & Omit<Charge, 'parts' | 'asked'> & StoredAsked;

function chargeOfParts(parts: readonly ChargePart[]): Charge[] {
  const [first] = parts;
  if (first === undefined) return [];
  const { seq, counted_at, operation } = first;
  return [{ seq, counted_at, operation, asked: askedOf(first), parts }];
}

/** Who asked, as it is stored. */
export type StoredAsked = Pick<Asked, 'actor_kind'> &
  Record<'actor_id' | 'api_key_id', string | null>;

export function askedOf({ actor_kind, actor_id, api_key_id }: StoredAsked): Asked {
  return { actor_kind, actor_id: actor_id ?? undefined, api_key_id: api_key_id ?? undefined };
}

type StoredHold = StoredAsked & { lots: StoredHoldLot[] };

/** JSON has no bigint: amounts come as text. */
interface StoredHoldLot {
  lot: number;
  position: number;
  amount: string;
  captured: string;
  released: string;
}

/** Wallets, and what is named of each by a value of a type. */
interface NamedBy {
  type: ItemType;
  pairs: [walletId: string, named: string | bigint | number][];
}

function columnsOf({ type, pairs }: NamedBy): Buffer[] {
  return [
    arrayOf(
      'uuid',
      pairs.map(([walletId]) => walletId),
    ),
    arrayOf(
      type,
      pairs.map(([, named]) => named),
    ),
  ];
}
