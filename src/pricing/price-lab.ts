import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantOf } from '../core/instant.ts';
import { windowOf } from '../core/periods.ts';
import { type LabResult, type PastUse, PriceLab } from '../core/price-lab.ts';
import { type PriceRule, countedPeriods } from '../core/price-rules.ts';
import { databaseCodeOf } from '../lib/database-faults.ts';
import type { Db } from '../lib/database.ts';

export interface LabOrder {
  /** A draft, of which nobody else knows. */
  rule: PriceRule;
  from: Date;
  /** Of one wallet only. */
  wallet_id?: string;
  /** When nobody waits for it any more, in milliseconds of the epoch. */
  until?: number;
}

class LabIsLate extends Error {}

/** What one customer was charged for an operation and would have been by the draft. */
export interface LabCustomer extends LabResult {
  wallet_id: string;
  /** The product's own id of its customer, else the workspace's slug. */
  customer: string;
}

const ENTRIES_AT_ONCE = 5_000;
/** The SQLSTATE of what a time limit ends. */
const STATEMENT_CANCELLED = '57014';

/**
 * Prices all use of an operation since a moment by a draft, customer by customer, the greatest
 * difference first. Test wallets are left out, and what was given back counts as charged, unless it
 * was corrected.
 * @param db one that sees all workspaces
 */
export async function tryPrice(
  db: Db,
  { rule, from, wallet_id, until = Infinity }: LabOrder,
): Promise<LabCustomer[]> {
  const { rows } = await sql<Wallet>`
    select w.id as wallet_id, w.time_zone, w.overdraft_limit,
      coalesce(s.external_id, s.slug) as customer
    from wallets w join workspaces s on s.id = w.workspace_id
    where w.livemode and (${wallet_id ?? null}::uuid is null or w.id = ${wallet_id ?? null})
      and w.id in (
        select e.wallet_id from entries e
        where e.operation = ${rule.operation} and e.recorded_at >= ${from} and e.at >= ${from})
    order by w.id`.execute(db);
  const tried: LabCustomer[] = [];
  for (const wallet of rows) {
    if (Date.now() > until) throw new LabIsLate();
    tried.push(await tryInWallet(db, wallet, rule, from));
  }
  return tried.sort((one, other) => compare(differenceOf(other), differenceOf(one)));
}

/** Whether a try was ended since it took longer than somebody waits for it. */
export function isTooLong(error: unknown): boolean {
  return error instanceof LabIsLate || databaseCodeOf(error) === STATEMENT_CANCELLED;
}

function differenceOf({ draft_micro, charged_micro }: LabResult): bigint {
  return draft_micro - charged_micro;
}

interface Wallet {
  wallet_id: string;
  time_zone: string;
  overdraft_limit: bigint;
  customer: string;
}

async function tryInWallet(
  db: Db,
  wallet: Wallet,
  rule: PriceRule,
  from: Date,
): Promise<LabCustomer> {
  const { wallet_id, customer } = wallet;
  const lab = new PriceLab(rule, wallet.time_zone, instantOf(from));
  for await (const use of usesOf(db, wallet, rule, countedFrom(rule, wallet, instantOf(from)))) {
    lab.add(use);
  }
  return { wallet_id, customer, ...lab.result };
}

/** Where the first window begins that the draft's tiers count in. */
function countedFrom(rule: PriceRule, { time_zone }: Wallet, from: Instant): Instant {
  return countedPeriods(rule).reduce((first, period) => {
    const { starts_at } = windowOf(period, time_zone, from);
    return starts_at < first ? starts_at : first;
  }, from);
}

interface Row extends Omit<PastUse, 'measured' | 'is_waived'> {
  waiver: string | null;
  lines: unknown;
}

/** All entries: of others than the operation's only what could be spent after them matters. */
async function* usesOf(
  db: Db,
  { wallet_id, overdraft_limit }: Wallet,
  { operation }: PriceRule,
  from: Instant,
): AsyncGenerator<PastUse> {
  const since = new Date(Number(from / 1_000n));
  for (let after = 0n; ;) {
    const { rows } = await sql<Row>`
      select seq, case when operation = ${operation} then kind else 'grant' end as kind,
        (extract(epoch from at) * 1000000)::int8 as at, amount, waiver, quantity, lines, parent_seq,
        available_after + greatest(${overdraft_limit}::int8 - debt_after, 0) as room
      from entries where wallet_id = ${wallet_id} and seq > ${after} and at >= ${since}
      order by seq limit ${ENTRIES_AT_ONCE}`.execute(db);
    for (const { waiver, lines, ...row } of rows) {
      yield { ...row, is_waived: waiver !== null, measured: measuredIn(lines) };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < ENTRIES_AT_ONCE) return;
    after = last.seq;
  }
}

const StoredLines = z.array(
  z.object({ code: z.string(), measured: z.string().transform(BigInt).optional() }),
);

function measuredIn(lines: unknown): PastUse['measured'] {
  if (lines === null) return new Map();
  return new Map(
    StoredLines.parse(lines).flatMap(({ code, measured }) =>
      measured === undefined ? [] : [[code, measured] as const],
    ),
  );
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
