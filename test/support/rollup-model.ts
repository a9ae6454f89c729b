import fc from 'fast-check';
import type { Command } from '../../src/core/commands.ts';
import type { Window } from '../../src/core/periods.ts';
import type { Asked } from '../../src/core/wallet.ts';
import { within } from '../../src/ledger/ledger.ts';
import { NOBODY } from '../../src/ledger/rollups/fold.ts';
import { LAST_SEQ } from '../../src/ledger/totals.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import type { TestDatabase } from './database.ts';
import { SECOND } from './scenarios.ts';
import { type TestWallet, newWallet } from './wallets.ts';

export const MINUTE = 60n * SECOND;
/** The clock goes forward in Europe; in Lord Howe it goes back half an hour a week later. */
export const BEGINNING = BigInt(Date.UTC(2025, 2, 29, 10)) * 1_000n;

export interface Step {
  /** Minutes after the one before. */
  wait: number;
  kind: 'debit' | 'grant' | 'refund' | 'hold' | 'capture';
  units: number;
  /** Who asks: one of `ASKERS`. */
  who?: number;
  /** How many minutes ago the caller says that it was; null where it says nothing. */
  ago: number | null;
}
const KEY = newId();
const PERSON = newId();
/** A job, a key for somebody and for nobody, a person, and a person for somebody. */
export const ASKERS: readonly Asked[] = [
  { actor_kind: 'job' },
  { actor_kind: 'api_key', actor_id: KEY, api_key_id: KEY },
  { actor_kind: 'api_key', actor_id: KEY, api_key_id: KEY, on_behalf_of: 'user-1' },
  { actor_kind: 'person', actor_id: PERSON },
  { actor_kind: 'person', actor_id: PERSON, on_behalf_of: 'user-2' },
];
export const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2_000 })),
  kind: fc.constantFrom('debit', 'debit', 'debit', 'refund', 'grant', 'hold', 'capture'),
  units: fc.integer({ min: 1, max: 9 }),
  who: fc.nat({ max: ASKERS.length - 1 }),
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
  let hold_id = NOBODY;
  for (const { wait, kind, units, who = 0, ago } of steps) {
    at += BigInt(wait) * MINUTE + 1n;
    const occurred = ago === null ? {} : { occurred_at: at - BigInt(ago) * MINUTE };
    const more = { asked: ASKERS[who] ?? { actor_kind: 'job' }, ...occurred };
    const run = async (command: Command): Promise<bigint> => {
      const outcome = await wallets.run(command, at);
      return outcome.outcome === 'done' ? outcome.seq : charge;
    };
    if (kind === 'grant') await run({ ...wallet.grant(BigInt(units)), asked: more.asked });
    if (kind === 'refund') await run(wallet.refund(charge, BigInt(units)));
    if (kind === 'debit') charge = await run(wallet.debit(BigInt(units), more));
    if (kind === 'capture') charge = await run(wallet.capture(hold_id, 1n, more));
    if (kind !== 'hold') continue;
    const hold = wallet.hold(BigInt(units), { asked: more.asked, ttl_seconds: 7_200 });
    await run(hold);
    ({ hold_id } = hold);
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
  /** Whose it is: as the entry says, or the hold or the charge that it goes with. */
  api_key_id: string;
  person_id: string;
  on_behalf_of: string;
}

type Row = Record<Exclude<keyof Stored, 'person_id'> | 'actor_kind' | 'actor_id', string> & {
  parent_seq: string | null;
};

/** The entries, read without the program. */
export async function entriesOf(database: TestDatabase, wallet: TestWallet): Promise<Stored[]> {
  const rows = await database.query<Row>(
    `select seq, kind, amount, coalesce(operation, '') as operation, coalesce(quantity, 0) as quantity,
      available_after + held_after - debt_after as change, parent_seq, actor_kind,
      coalesce(actor_id, '${NOBODY}') as actor_id, coalesce(api_key_id, '${NOBODY}') as api_key_id,
      coalesce(on_behalf_of, '') as on_behalf_of,
      (extract(epoch from at) * 1000000)::int8 as at,
      (extract(epoch from coalesce(occurred_at, at)) * 1000000)::int8 as occurred
     from entries where wallet_id = $1 order by seq`,
    [wallet.id],
  );
  return rows.map((row, index) => {
    const root = rootOf(row, rows);
    return {
      kind: row.kind,
      operation: row.operation === '' ? root.operation : row.operation,
      api_key_id: root.api_key_id,
      person_id: root.actor_kind === 'person' ? root.actor_id : NOBODY,
      on_behalf_of: root.on_behalf_of,
      seq: BigInt(row.seq),
      amount: BigInt(row.amount),
      change: BigInt(row.change) - BigInt(rows[index - 1]?.change ?? 0),
      quantity: BigInt(row.quantity),
      at: BigInt(row.at),
      occurred: BigInt(row.occurred),
    };
  });
}

function rootOf(row: Row, rows: readonly Row[]): Row {
  if (!['capture', 'extension', 'release', 'refund'].includes(row.kind)) return row;
  const parent = rows.find(({ seq }) => seq === row.parent_seq);
  if (parent === undefined) throw new Error(`entry ${row.seq} has no parent`);
  return rootOf(parent, rows);
}

export const sumOf = (entries: readonly Stored[], of: (one: Stored) => bigint): bigint =>
  entries.reduce((sum, one) => sum + of(one), 0n);
const isCharge = ({ kind }: Stored): boolean => kind === 'debit' || kind === 'capture';
export const isUsage = (one: Stored): boolean => isCharge(one) || one.kind === 'refund';
export const spentOf = (one: Stored): bigint =>
  one.kind === 'refund' ? -one.amount : isCharge(one) ? one.amount : 0n;
const quantityUsed = (one: Stored): bigint =>
  one.kind === 'refund' ? -one.quantity : isCharge(one) ? one.quantity : 0n;

export const happenedIn = (window: Window) => (one: Stored) =>
  one.occurred >= window.starts_at && one.occurred < (window.ends_at ?? LAST_SEQ);

/** What some entries come to as usage. */
export function usageOf(entries: readonly Stored[]) {
  return {
    charges: BigInt(entries.filter(isCharge).length),
    spent_micro: sumOf(entries, spentOf),
    quantity: sumOf(entries, quantityUsed),
  };
}

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
  return windows.flatMap((window) => {
    const inside = entries.filter(isUsage).filter(happenedIn(window));
    return [...new Set(inside.map(({ operation }) => operation))].sort().map((operation) => {
      const own = inside.filter((one) => one.operation === operation);
      return { window, operation, ...usageOf(own) };
    });
  });
}
