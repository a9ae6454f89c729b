import type { Command } from '../core/commands.ts';
import type { Hold } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';
import type { Lot } from '../core/lots.ts';
import type { Charge, Wallet, WalletState } from '../core/wallet.ts';
import type { Statements } from './statements.ts';

/** Microseconds since 1970 of a timestamp column, exactly. */
const micros = (column: string): string => `(extract(epoch from ${column}) * 1000000)::int8`;

/** A capture is followed by a debit of the excess and a release of the rest, never by more. */
const FOLLOWERS_MAX = 2;

const LOCK = `
  select id, workspace_id, available, held, debt, last_seq, last_lot,
    ${micros('last_at')} as last_at, ${micros('next_due_at')} as next_due_at,
    frozen_at is not null as frozen, overdraft_limit, refund_to_expired_lot, grace_seconds,
    capture_above_hold, hold_max_seconds,
    case when unlimited_until > clock_timestamp() then unlimited_reason end as unlimited
  from wallets where id = any($1) order by id for no key update`;

const LOT_COLUMNS = `wallet_id, number, entry_seq, source, priority, granted, available, held,
    consumed, expired, removed, cost_minor, currency, payment_id, operations,
    ${micros('granted_at')} as granted_at, ${micros('expires_at')} as expires_at`;

const LOTS = `select ${LOT_COLUMNS} from lots where wallet_id = any($1) and open`;

const CLOSED_LOTS = `
  select ${LOT_COLUMNS} from lots where wallet_id = $1 and number = any($2) and not open`;

const HOLD_COLUMNS = `
  h.id, h.entry_seq, h.operation, h.amount, h.captured, h.released, h.open,
    ${micros('h.created_at')} as created_at, ${micros('h.expires_at')} as expires_at,
    ${micros('h.expires_at_most')} as expires_at_most,
    coalesce((
      select json_agg(json_build_object('lot', l.lot_number, 'position', l.position,
        'amount', l.amount::text, 'captured', l.captured::text, 'released', l.released::text))
      from hold_lots l where l.wallet_id = h.wallet_id and l.hold_id = h.id), '[]') as lots`;

const LAPSED_HOLDS = `
  select ${HOLD_COLUMNS} from holds h
  where h.wallet_id = $1 and h.open and ${micros('h.expires_at')} <= $2 order by h.expires_at, h.id`;

const NAMED_HOLD = `select ${HOLD_COLUMNS} from holds h where h.wallet_id = $1 and h.id = $2`;

const NEXT_HOLD = `
  select ${micros('expires_at')} as at from holds
  where wallet_id = $1 and open and ${micros('expires_at')} > $2 order by expires_at limit 1`;

const CHARGE = `
  select t.lot, sum(t.amount)::int8 as taken, coalesce(max(r.refunded), 0) as refunded
  from entries e
  cross join unnest(e.leg_lots, e.leg_to, e.leg_amounts) with ordinality as t(lot, target, amount, position)
  left join refund_totals r
    on r.wallet_id = e.wallet_id and r.entry_seq = e.seq and r.lot_number = t.lot
  where e.wallet_id = $1 and e.seq = $2 and e.kind in ('debit', 'capture') and t.target = 'c'
  group by t.lot order by min(t.position)`;

const KEYS = `
  select e.wallet_id, e.key_hash, e.seq, e.content_hash, e.amount,
    coalesce(f.available_after, e.available_after) as available_after
  from unnest($1::uuid[], $2::uuid[]) as asked(wallet_id, key_hash)
  join entries e on e.wallet_id = asked.wallet_id and e.key_hash = asked.key_hash
  left join lateral (
    select f.available_after from entries f
    where f.wallet_id = e.wallet_id and f.seq between e.seq + 1 and e.seq + ${FOLLOWERS_MAX}
      and f.namespace = 'follows' and f.key like e.seq || ' %'
    order by f.seq desc limit 1
  ) f on true`;

/**
 * Locks the wallets in the order of their ids, then reads their open lots in a statement of its
 * own: a statement that locks and reads at once would see the lots as they were before it waited.
 */
export async function lockAndRead(
  statements: Statements,
  walletIds: readonly string[],
): Promise<Map<string, WalletState>> {
  const wallets = await statements.query<Omit<Wallet, 'next_hold_at'>>(LOCK, [walletIds]);
  const lots = await statements.query<Lot & { wallet_id: string }>(LOTS, [walletIds]);
  return new Map(
    wallets.map((wallet) => [
      wallet.id,
      {
        wallet: { ...wallet, next_hold_at: null },
        lots: lots.filter((lot) => lot.wallet_id === wallet.id),
        holds: [],
        charges: [],
      },
    ]),
  );
}

/** Whether a command needs more of its wallet than its open lots. */
export function namesSomething({ wallet }: WalletState, command: Command, now: Instant): boolean {
  const isDue = wallet.next_due_at !== null && wallet.next_due_at <= now;
  return isDue || 'hold_id' in command || command.kind === 'refund';
}

/**
 * Adds what one command is about: holds that have lapsed, the hold or the charge that it names with
 * its lots. Asked under the wallet's lock, and costs nothing for a debit with nothing due.
 */
export async function readNamed(
  statements: Statements,
  state: WalletState,
  command: Command,
  now: Instant,
): Promise<WalletState> {
  const { wallet } = state;
  const isDue = wallet.next_due_at !== null && wallet.next_due_at <= now;
  const holds = isDue ? await readHolds(statements, LAPSED_HOLDS, [wallet.id, now]) : [];
  const named = 'hold_id' in command ? command.hold_id : undefined;
  if (named !== undefined && holds.every((hold) => hold.id !== named)) {
    holds.push(...(await readHolds(statements, NAMED_HOLD, [wallet.id, named])));
  }
  const charges =
    command.kind === 'refund' ? await readCharge(statements, wallet.id, command.entry_seq) : [];
  return {
    wallet: {
      ...wallet,
      // What was noted before holds until it is due; then the next one is looked up.
      next_hold_at: isDue ? await nextHoldAt(statements, wallet.id, now) : wallet.next_due_at,
    },
    lots: [...state.lots, ...(await closedLots(statements, state, holds, charges))],
    holds,
    charges,
  };
}

async function readHolds(
  statements: Statements,
  query: string,
  values: unknown[],
): Promise<Hold[]> {
  const found = await statements.query<Omit<Hold, 'lots'> & { lots: StoredHoldLot[] }>(
    query,
    values,
  );
  return found.map((hold) => ({
    ...hold,
    lots: hold.lots.map((lot) => ({
      lot: lot.lot,
      position: lot.position,
      amount: BigInt(lot.amount),
      captured: BigInt(lot.captured),
      released: BigInt(lot.released),
    })),
  }));
}

/** JSON has no bigint: amounts come as text. */
interface StoredHoldLot {
  lot: number;
  position: number;
  amount: string;
  captured: string;
  released: string;
}

async function nextHoldAt(
  statements: Statements,
  walletId: string,
  now: Instant,
): Promise<Instant | null> {
  const [next] = await statements.query<{ at: Instant }>(NEXT_HOLD, [walletId, now]);
  return next?.at ?? null;
}

async function readCharge(
  statements: Statements,
  walletId: string,
  seq: bigint,
): Promise<Charge[]> {
  const parts = await statements.query<Charge['parts'][number]>(CHARGE, [walletId, seq]);
  return parts.length === 0 ? [] : [{ seq, parts }];
}

/** Lots that have nothing left, to which something may come back. */
async function closedLots(
  statements: Statements,
  state: WalletState,
  holds: readonly Hold[],
  charges: readonly Charge[],
): Promise<Lot[]> {
  const named = [...holds.flatMap((hold) => hold.lots), ...charges.flatMap((one) => one.parts)];
  const known = new Set(state.lots.map((lot) => lot.number));
  const missing = named.map(({ lot }) => lot).filter((lot) => lot > 0 && !known.has(lot));
  if (missing.length === 0) return [];
  return statements.query<Lot>(CLOSED_LOTS, [state.wallet.id, missing]);
}

/** The database's clock. Asked after the lock, so that waiting does not make it old. */
export async function readClock(statements: Statements): Promise<Instant> {
  const rows = await statements.query<{ now: Instant }>(
    `select ${micros('clock_timestamp()')} as now`,
    [],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the database did not tell its time');
  return row.now;
}

/** What is kept of the first answer to a key. */
export interface UsedKey {
  wallet_id: string;
  key_hash: string;
  seq: bigint;
  content_hash: string;
  amount: bigint;
  available_after: bigint;
}

/** The entries that used these keys before. Asked under the wallets' locks. */
export async function readKeys(
  statements: Statements,
  pairs: readonly (readonly [walletId: string, keyHash: string])[],
): Promise<UsedKey[]> {
  if (pairs.length === 0) return [];
  return statements.query<UsedKey>(KEYS, [
    pairs.map(([walletId]) => walletId),
    pairs.map(([, hash]) => hash),
  ]);
}
