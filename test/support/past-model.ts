import type { TestDatabase } from './database.ts';
import type { TestWallet } from './wallets.ts';

/** An entry as it is stored, with its time in microseconds. */
export interface StoredEntry {
  seq: bigint;
  at: bigint;
  kind: string;
  parent_seq: bigint | null;
  lots: number[];
  from: string[];
  to: string[];
  amounts: bigint[];
}

/** When a hold was to lapse, from each moment at which that was said. */
export type Deadlines = Map<bigint, { said_at: bigint; deadline: bigint }[]>;

export interface Amounts {
  available_micro: bigint;
  held_micro: bigint;
  debt_micro: bigint;
}

/** All entries and the lots' expiries, read without the program. */
export async function readBooks(database: TestDatabase, wallet: TestWallet) {
  const rows = await database.query<Record<string, string | string[] | null>>(
    `select seq, (extract(epoch from at) * 1000000)::int8 as at, kind, parent_seq,
      leg_lots::text[] as lots, leg_from::text[] as from, leg_to::text[] as to,
      leg_amounts::text[] as amounts
     from entries where wallet_id = $1 order by seq`,
    [wallet.id],
  );
  const lots = await database.query<{ number: number; expires_at: string | null }>(
    `select number, (extract(epoch from expires_at) * 1000000)::int8 as expires_at
     from lots where wallet_id = $1`,
    [wallet.id],
  );
  const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    entries: rows.map((row): StoredEntry => ({
      seq: BigInt(String(row['seq'])),
      at: BigInt(String(row['at'])),
      kind: String(row['kind']),
      parent_seq: row['parent_seq'] === null ? null : BigInt(String(row['parent_seq'])),
      lots: listOf(row['lots']).map(Number),
      from: listOf(row['from']),
      to: listOf(row['to']),
      amounts: listOf(row['amounts']).map(BigInt),
    })),
    expiries: new Map(
      lots.map((lot) => [lot.number, lot.expires_at === null ? null : BigInt(lot.expires_at)]),
    ),
  };
}

export type Books = Awaited<ReturnType<typeof readBooks>>;

/** The naive balance: every entry up to a moment, then what lapses and expires by that moment. */
export function foldUntil(books: Books, deadlines: Deadlines, moment: bigint): Amounts {
  const available = new Map<number, bigint>();
  const pinned = new Map<bigint, Map<number, bigint>>();
  let debt = 0n;
  const add = (amounts: Map<number, bigint>, lot: number, amount: bigint): void => {
    amounts.set(lot, (amounts.get(lot) ?? 0n) + amount);
  };
  for (const entry of books.entries.filter(({ at }) => at <= moment)) {
    const hold = entry.kind === 'hold' ? entry.seq : (entry.parent_seq ?? 0n);
    const held = pinned.get(hold) ?? new Map<number, bigint>();
    pinned.set(hold, held);
    for (const [index, lot] of entry.lots.entries()) {
      const amount = entry.amounts[index] ?? 0n;
      for (const [bucket, sign] of [
        [entry.to[index], 1n],
        [entry.from[index], -1n],
      ] as const) {
        if (bucket === 'a') add(available, lot, sign * amount);
        if (bucket === 'h') add(held, lot, sign * amount);
        if (bucket === 'd') debt -= sign * amount;
      }
    }
  }
  const isOver = (lot: number): boolean => (books.expiries.get(lot) ?? moment + 1n) <= moment;
  for (const [hold, held] of pinned) {
    const said = (deadlines.get(hold) ?? []).filter(({ said_at }) => said_at <= moment).at(-1);
    if (said === undefined || said.deadline > moment) continue;
    for (const [lot, amount] of held) if (!isOver(lot)) add(available, lot, amount);
    held.clear();
  }
  const sum = (amounts: Iterable<bigint>): bigint =>
    [...amounts].reduce((total, amount) => total + amount, 0n);
  return {
    available_micro: sum([...available].filter(([lot]) => !isOver(lot)).map(([, left]) => left)),
    held_micro: sum([...pinned.values()].map((held) => sum(held.values()))),
    debt_micro: debt,
  };
}
