import fc from 'fast-check';
import type { Window } from '../../src/core/periods.ts';
import { within } from '../../src/ledger/ledger.ts';
import { LAST_SEQ } from '../../src/ledger/totals.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import type { TestDatabase } from './database.ts';
import { SECOND } from './scenarios.ts';
import { type TestWallet, newWallet } from './wallets.ts';

export const MINUTE = 60n * SECOND;
/** The clock goes forward in Europe; in Lord Howe it goes back half an hour a week later. */
export const BEGINNING = BigInt(Date.UTC(2025, 2, 29, 10)) * 1_000n;

export interface Step {
  /** Minutes after the one before. */
  wait: number;
  kind: 'debit' | 'grant' | 'refund';
  units: number;
  /** How many minutes ago the caller says that it was; null where it says nothing. */
  ago: number | null;
}
export const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2_000 })),
  kind: fc.constantFrom('debit', 'debit', 'debit', 'refund', 'grant'),
  units: fc.integer({ min: 1, max: 9 }),
  ago: fc.option(fc.integer({ min: -30, max: 3_000 })),
});

/** A wallet and some steps on it, each at its time, as an import would. */
export async function walletWith(
  database: TestDatabase,
  steps: readonly Step[],
): Promise<TestWallet> {
  const wallet = await newWallet(database);
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], async (wallets) => {
      await wallets.run(wallet.grant(1_000_000n), BEGINNING);
      await take(wallets, wallet, steps, { at: BEGINNING, charge: 0n });
    }),
  );
  return wallet;
}

/** Some more steps, after those that were taken. */
export async function continueWith(
  database: TestDatabase,
  wallet: TestWallet,
  steps: readonly Step[],
): Promise<void> {
  const before = await entriesOf(database, wallet);
  const charge = before.findLast(({ kind }) => kind === 'debit')?.seq ?? 0n;
  const at = before.at(-1)?.at ?? BEGINNING;
  await inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
    within(trx, [wallet.id], (wallets) => take(wallets, wallet, steps, { at, charge })),
  );
}

type Wallets = Parameters<Parameters<typeof within>[2]>[0];

async function take(
  wallets: Wallets,
  wallet: TestWallet,
  steps: readonly Step[],
  { at, charge }: { at: bigint; charge: bigint },
): Promise<void> {
  for (const { wait, kind, units, ago } of steps) {
    at += BigInt(wait) * MINUTE + 1n;
    const occurred = ago === null ? {} : { occurred_at: at - BigInt(ago) * MINUTE };
    if (kind === 'grant') await wallets.run(wallet.grant(BigInt(units)), at);
    if (kind === 'refund') await wallets.run(wallet.refund(charge, BigInt(units)), at);
    if (kind !== 'debit') continue;
    const outcome = await wallets.run(wallet.debit(BigInt(units), occurred), at);
    if (outcome.outcome === 'done') charge = outcome.seq;
  }
}

export interface Stored {
  seq: bigint;
  kind: string;
  amount: bigint;
  change: bigint;
  quantity: bigint;
  at: bigint;
  occurred: bigint;
  operation: string;
}

/** The entries, read without the program. */
export async function entriesOf(database: TestDatabase, wallet: TestWallet): Promise<Stored[]> {
  const rows = await database.query<Record<keyof Stored, string>>(
    `select seq, kind, amount, coalesce(operation, '') as operation, coalesce(quantity, 0) as quantity,
      available_after + held_after - debt_after as change,
      (extract(epoch from at) * 1000000)::int8 as at,
      (extract(epoch from coalesce(occurred_at, at)) * 1000000)::int8 as occurred
     from entries where wallet_id = $1 order by seq`,
    [wallet.id],
  );
  return rows.map(({ kind, operation, ...row }, index) => ({
    kind,
    operation,
    seq: BigInt(row.seq),
    amount: BigInt(row.amount),
    change: BigInt(row.change) - BigInt(rows[index - 1]?.change ?? 0),
    quantity: BigInt(row.quantity),
    at: BigInt(row.at),
    occurred: BigInt(row.occurred),
  }));
}

export const sumOf = (entries: readonly Stored[], of: (one: Stored) => bigint): bigint =>
  entries.reduce((sum, one) => sum + of(one), 0n);
export const spentOf = ({ kind, amount }: Stored): bigint =>
  kind === 'refund' ? -amount : kind === 'debit' ? amount : 0n;

export function naiveTotals(entries: readonly Stored[]) {
  const kinds = [...new Set(entries.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const own = entries.filter((one) => one.kind === kind);
    return {
      kind,
      entries: BigInt(own.length),
      amount_micro: sumOf(own, ({ amount }) => amount),
      change_micro: sumOf(own, ({ change }) => change),
    };
  });
}

export function naiveUsage(entries: readonly Stored[], windows: readonly Window[]) {
  const used = entries.filter(({ kind }) => kind === 'debit' || kind === 'refund');
  return windows.flatMap((window) => {
    const inside = used.filter(
      ({ occurred }) => occurred >= window.starts_at && occurred < (window.ends_at ?? LAST_SEQ),
    );
    return [...new Set(inside.map(({ operation }) => operation))].sort().map((operation) => {
      const own = inside.filter((one) => one.operation === operation);
      const charged = own.filter(({ kind }) => kind === 'debit');
      return {
        window,
        operation,
        charges: BigInt(charged.length),
        spent_micro: sumOf(own, spentOf),
        quantity: sumOf(charged, ({ quantity }) => quantity),
      };
    });
  });
}
