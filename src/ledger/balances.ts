import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import { type NamedLot, selectLots } from './lots.ts';

/** A wallet as it is reported: what is stored, less the lots that are due by now. */
export interface Balance {
  wallet_id: string;
  available_micro: bigint;
  held_micro: bigint;
  debt_micro: bigint;
  /** Available and held, less debt. */
  balance_micro: bigint;
  /** The last entry that is written; 0 when there is none. */
  last_seq: bigint;
  /** What was bought last, or came last where nothing was: the measure for "low"; 0 when nothing came. */
  granted_last_micro: bigint;
  frozen: boolean;
  unlimited: boolean;
  /** In whose days and months it counts. */
  time_zone: string;
}

/**
 * The balance of a workspace's live or test wallet. Two index probes; when something is due, two
 * more for the lots and holds that are.
 */
export async function balanceOf(
  db: Db,
  workspaceId: string,
  livemode = true,
): Promise<Balance | undefined> {
  const [balance] = await selectBalances(
    db,
    sql`w.workspace_id = ${workspaceId} and w.livemode = ${livemode}`,
  );
  return balance;
}

/**
 * The balances of some wallets, in no order.
 * @param db one that sees the wallets of all workspaces
 */
export async function balancesOf(db: Db, walletIds: readonly string[]): Promise<Balance[]> {
  return selectBalances(db, sql`w.id = any(${walletIds})`);
}

async function selectBalances(db: Db, which: RawBuilder<unknown>): Promise<Balance[]> {
  const found = await sql<Omit<Balance, 'balance_micro'>>`
    select w.id as wallet_id, w.debt as debt_micro, w.last_seq,
      w.available - coalesce(due.expiring, 0) + coalesce(due.coming_back, 0) as available_micro,
      w.held - coalesce(due.lapsing, 0) as held_micro,
      ${grantedLast()} as granted_last_micro,
      w.frozen_at is not null as frozen, coalesce(w.unlimited_until > now(), false) as unlimited,
      w.time_zone
    from wallets w left join lateral (${dueAt(sql`now()`)}) due on w.next_due_at <= now()
    where ${which}`.execute(db);
  return found.rows.map((row) => {
    return { ...row, balance_micro: row.available_micro + row.held_micro - row.debt_micro };
  });
}

/** Among so many of the newest lots one that was bought is looked for. */
const LOTS_LOOKED_AT = 20;

/**
 * What was bought last for the wallet `w`, with its bonus, or came with its plan. Where nothing did of
 * late, what came last.
 */
export function grantedLast(): RawBuilder<bigint> {
  return sql`coalesce((
    select l.granted + coalesce((
      select sum(b.granted)::int8 from lots b
      where b.wallet_id = w.id and b.number > w.last_lot - ${sql.raw(String(LOTS_LOOKED_AT))}
        and b.number <> l.number and b.payment_id = l.payment_id), 0)
    from lots l
    where l.wallet_id = w.id and l.number > w.last_lot - ${sql.raw(String(LOTS_LOOKED_AT))}
    order by l.source in ('purchase', 'plan') desc, l.number desc limit 1), 0)`;
}

/**
 * What is due at a moment in the wallet `w`, as it is stored: lots that have expired, holds that have
 * lapsed, and of these what comes back, because its lot is still good.
 */
export function dueAt(moment: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select
      (select sum(l.available)::int8 from lots l
        where l.wallet_id = w.id and l.open and l.expires_at <= ${moment}) as expiring,
      sum(p.amount - p.captured - p.released)::int8 as lapsing,
      (sum(p.amount - p.captured - p.released)
        filter (where l.expires_at is null or l.expires_at > ${moment}))::int8 as coming_back
    from holds h
    join hold_lots p on p.wallet_id = h.wallet_id and p.hold_id = h.id
    join lots l on l.wallet_id = p.wallet_id and l.number = p.lot_number
    where h.wallet_id = w.id and h.open and h.expires_at <= ${moment}`;
}

export interface OpenLot extends NamedLot {
  granted_micro: bigint;
  held_micro: bigint;
  payment_id: string | null;
}

/** The lots with something left that is not due, in the order in which they burn. */
export async function openLotsOf(db: Db, walletId: string, limit = 50): Promise<OpenLot[]> {
  return selectLots(db, walletId)
    .select(['l.granted as granted_micro', 'l.held as held_micro', 'l.payment_id'])
    .where('l.open', '=', true)
    .where((where) =>
      where.or([where('l.expires_at', 'is', null), where('l.expires_at', '>', sql<Date>`now()`)]),
    )
    .orderBy('l.priority')
    .orderBy('l.expires_at')
    .orderBy('l.number')
    .limit(limit)
    .execute();
}

/** The wallets in which a lot or a hold is due, for the sweeper; at most `limit` of them. */
export async function walletsDue(db: Db, limit: number): Promise<string[]> {
  const found = await sql<{ wallet_id: string }>`
    (select wallet_id from lots where open and available > 0 and expires_at <= now() limit ${limit})
    union
    (select wallet_id from holds where open and expires_at <= now() limit ${limit})
    limit ${limit}`.execute(db);
  return found.rows.map((row) => row.wallet_id);
}
