import type { TestDatabase } from './database.ts';
import type { NaiveEntry } from './naive/wallet.ts';
import { storedEntries } from './stored-entries.ts';

/*
 * What credits and their cost have become, as simple as it can be told: every lot is folded anew from
 * all entries up to each day. It shares no code with the program.
 */

interface StoredLot {
  number: number;
  entry_seq: string;
  source: string;
  granted: bigint;
  cost: bigint;
  currency: string;
}

export interface NaiveMoney {
  sold: bigint;
  used: bigint;
  expired: bigint;
  returned: bigint;
  corrected: bigint;
  transferred: bigint;
}

const NO_MONEY: NaiveMoney = {
  ...{ sold: 0n, used: 0n, expired: 0n, returned: 0n, corrected: 0n, transferred: 0n },
};

/** By "2026-11-20 EUR". */
export type NaiveBooks = Map<string, NaiveMoney>;

const dayOf = (at: bigint, zone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(Number(at / 1_000n)));

/** Which lot a clawback was of, as its refund total says. */
async function clawedLots(database: TestDatabase, id: string): Promise<Map<bigint, number>> {
  const rows = await database.query<{ seq: string; lot: number }>(
    `select r.entry_seq as seq, r.lot_number as lot from refund_totals r
     join entries e on e.wallet_id = r.wallet_id and e.seq = r.entry_seq
     where r.wallet_id = $1 and e.kind = 'clawback'`,
    [id],
  );
  return new Map(rows.map(({ seq, lot }) => [BigInt(seq), lot]));
}

async function lotsOf(database: TestDatabase, id: string): Promise<StoredLot[]> {
  const rows = await database.query<Record<'number' | 'granted' | 'cost', string> & StoredLot>(
    `select number, entry_seq, source, granted, cost_minor as cost, coalesce(currency, '') as currency
     from lots where wallet_id = $1 order by number`,
    [id],
  );
  return rows.map((row) => ({
    ...row,
    ...{ number: Number(row.number), granted: BigInt(row.granted), cost: BigInt(row.cost) },
  }));
}

/** What was left of a lot after some entries, and how the rest went. */
function fatesOf(lot: StoredLot, entries: readonly NaiveEntry[], clawed: Map<bigint, number>) {
  const legs = entries.flatMap((entry) =>
    entry.legs.filter((leg) => leg.lot === lot.number).map((leg) => ({ ...leg, entry })),
  );
  const sumOf = (of: (leg: (typeof legs)[number]) => boolean): bigint =>
    legs.reduce((sum, leg) => (of(leg) ? sum + leg.amount : sum), 0n);
  const had = (bucket: string): bigint =>
    sumOf(({ to }) => to === bucket) - sumOf(({ from }) => from === bucket);
  const reinstated = new Set(
    entries.filter(({ kind }) => kind === 'reinstatement').map(({ parent_seq }) => parent_seq),
  );
  const left = had('available') + had('held');
  const sent = sumOf(({ entry }) => entry.kind === 'transfer_out');
  const corrected = sumOf(({ entry, to }) => entry.kind === 'adjustment' && to === 'removed');
  const expired = had('expired');
  const returned = entries
    .filter(({ kind, seq }) => kind === 'clawback' && clawed.get(seq) === lot.number)
    .filter(({ seq }) => !reinstated.has(seq))
    .reduce((sum, { amount }) => sum + amount, 0n);
  // Whatever else is gone was used.
  const used = lot.granted - left - sent - corrected - expired - returned;
  return { sent, used, expired, returned, corrected, left };
}

/** The part of a lot's cost that so many of its credits are, rounded down. */
function costOf({ cost, granted }: StoredLot, credits: bigint): bigint {
  const product = cost * credits;
  const down = product / granted;
  return product % granted < 0n ? down - 1n : down;
}

function moneyOf(lot: StoredLot, entries: readonly NaiveEntry[], clawed: Map<bigint, number>) {
  const { sent, used, expired, returned, corrected } = fatesOf(lot, entries, clawed);
  let credits = 0n;
  const next = (more: bigint): bigint => {
    const before = costOf(lot, credits);
    credits += more;
    return costOf(lot, credits) - before;
  };
  const money = { ...NO_MONEY, transferred: -next(sent), used: next(used), expired: next(expired) };
  return { ...money, returned: next(returned), corrected: next(corrected) };
}

/** Adds what the lots of a wallet that cost something have become, by the days of a zone. */
export async function bookNaively(
  books: NaiveBooks,
  database: TestDatabase,
  id: string,
  zone: string,
): Promise<void> {
  const entries = (await storedEntries(database, id)).map(({ entry }) => entry);
  const clawed = await clawedLots(database, id);
  const days = [...new Set(entries.map(({ at }) => dayOf(at, zone)))];
  for (const lot of await lotsOf(database, id)) {
    if (lot.cost === 0n) continue;
    let before = NO_MONEY;
    for (const day of days) {
      const until = entries.filter(({ at }) => dayOf(at, zone) <= day);
      const maker = until.find(({ seq }) => String(seq) === lot.entry_seq);
      if (maker === undefined) continue;
      const after = moneyOf(lot, until, clawed);
      if (maker.kind === 'transfer_in') after.transferred += lot.cost;
      else after.sold = lot.cost;
      add(books, `${day} ${lot.currency}`, after, before);
      before = after;
    }
  }
}

function add(books: NaiveBooks, key: string, after: NaiveMoney, before: NaiveMoney): void {
  const sum = { ...(books.get(key) ?? NO_MONEY) };
  for (const name of Object.keys(sum) as (keyof NaiveMoney)[])
    sum[name] += after[name] - before[name];
  if (Object.values(sum).some((amount) => amount !== 0n)) books.set(key, sum);
  else books.delete(key);
}

/** What credits came from and went to, entry by entry. */
export async function flowsNaively(database: TestDatabase, ids: readonly string[]) {
  const flows = {
    ...{ sold: 0n, free: 0n, transferred: 0n, written_off: 0n, debt: 0n, outstanding: 0n },
    ...{ consumed: 0n, expired: 0n, clawed_back: 0n, taken_away: 0n },
  };
  for (const id of ids) {
    const lots = await lotsOf(database, id);
    for (const { entry } of await storedEntries(database, id)) {
      const { kind, amount, legs } = entry;
      const paid = lots.find(({ entry_seq }) => entry_seq === String(entry.seq))?.cost !== 0n;
      const adds = legs.some(({ from }) => from === 'outside');
      if (kind === 'grant') flows[paid ? 'sold' : 'free'] += amount;
      if (kind === 'adjustment') flows[adds ? 'free' : 'taken_away'] += amount;
      if (kind === 'transfer_in') flows.transferred += amount;
      if (kind === 'transfer_out') flows.transferred -= amount;
      if (kind === 'write_off') flows.written_off += amount;
      if (kind === 'debit' || kind === 'capture') flows.consumed += amount;
      if (kind === 'refund') flows.consumed -= amount;
      if (kind === 'clawback') flows.clawed_back += amount;
      if (kind === 'reinstatement') flows.clawed_back -= amount;
      for (const leg of legs) {
        if (leg.to === 'expired') flows.expired += leg.amount;
        if (leg.from === 'expired') flows.expired -= leg.amount;
      }
    }
    const [wallet] = await database.query<Record<'there' | 'debt', string>>(
      'select available + held as there, debt from wallets where id = $1',
      [id],
    );
    flows.outstanding += BigInt(wallet?.there ?? 0);
    flows.debt += BigInt(wallet?.debt ?? 0);
  }
  return flows;
}
