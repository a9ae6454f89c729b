import type { Command, Transfer } from '../core/commands.ts';
import { type CounterKey, nameOf } from '../core/counters.ts';
import type { Instant } from '../core/instant.ts';
import { neededCounters } from '../core/needed-counters.ts';
import { NOTHING_NAMED, type WalletState } from '../core/wallet.ts';
import { Books } from './books.ts';
import { readBudgets, readCounters } from './counters.ts';
import type { KnownWallet } from './known-wallets.ts';
import type { Outcome } from './outcome.ts';
import {
  type LockedWallet,
  type Taking,
  lockWallets,
  readDue,
  readOpenLots,
  readSentBefore,
} from './read-state.ts';
import type { Statements } from './statements.ts';
import { type AskedCommand, type Found, findWhatIsNamed, walletsOf } from './what-is-named.ts';
import { write } from './write.ts';

/** Ledger time goes on by a microsecond with each entry: so much of it a batch never writes. */
const BATCH_MICROS = 10_000n;

/** The locked wallets of one transaction. What is decided of them is written together by `flush`. */
export class Batch {
  private readonly statements: Statements;
  private readonly books: Books;
  private readonly locked: readonly LockedWallet[];
  private readonly transactionId: string | null;
  private readonly written = new Set<string>();

  private constructor(
    statements: Statements,
    books: Books,
    locked: readonly LockedWallet[],
    transactionId: string | null,
  ) {
    this.statements = statements;
    this.books = books;
    this.locked = locked;
    this.transactionId = transactionId;
  }

  /**
   * Locks the wallets in the order of their ids, then reads them and what the commands name. All is
   * asked for at once and carried out in this order, so that it is read as it stands under the locks.
   * Where nothing is locked, the transaction sees all as of one moment, and writes nothing.
   */
  static async lock(
    statements: Statements,
    walletIds: readonly string[],
    asked: readonly AskedCommand[],
    taking: Taking = 'all',
  ): Promise<Batch> {
    const ids = [...new Set(walletIds)];
    const [locked, lots, found] = await Promise.all([
      lockWallets(statements, ids, taking),
      readOpenLots(statements, ids),
      findWhatIsNamed(statements, asked),
    ]);
    const { now } = found;
    const lotsOf = Map.groupBy(lots, (lot) => lot.wallet_id);
    const states = locked.map(({ wallet }): WalletState => {
      return { ...NOTHING_NAMED, wallet, lots: lotsOf.get(wallet.id) ?? [] };
    });
    const batch = new Batch(statements, new Books(states, now), locked, found.transaction_id);
    batch.add(found);
    const wallets = locked.map(({ wallet }) => wallet);
    const until = wallets.reduce((latest, one) => later(latest, one.last_at), now) + BATCH_MICROS;
    const due = wallets.filter(({ next_due_at }) => next_due_at !== null && next_due_at <= until);
    const limited = wallets.filter(({ has_budgets }) => has_budgets);
    await Promise.all([
      due.length > 0 &&
        batch.addWhatIsDue(
          due.map(({ id }) => id),
          until,
        ),
      limited.length > 0 && batch.addBudgets(limited.map(({ id }) => id)),
    ]);
    await batch.addCounters(asked);
    return batch;
  }

  /** @throws WalletMissing */
  stateOf(walletId: string): WalletState {
    return this.books.stateOf(walletId);
  }

  get now(): Instant {
    return this.books.now;
  }

  /** For commands that `lock` was not told of. */
  async lookUp(asked: readonly AskedCommand[]): Promise<void> {
    this.add(await findWhatIsNamed(this.statements, asked));
    await this.addCounters(asked);
  }

  /**
   * The answer to a command that was looked up; what it writes waits for `flush`.
   * @throws CommandFault when its wallet is not among the locked ones, or it cannot be decided
   */
  run(command: Command, at?: Instant): Outcome {
    return this.books.run(command, at);
  }

  /**
   * Moves credits between two locked wallets; the answer is the sender's. Like `run`, but what was
   * sent before is read from the tables, so what is pending has to be there.
   */
  async transfer(command: Transfer): Promise<Outcome> {
    const before = this.books.transferredBefore(command);
    if (before !== undefined) return before;
    await this.flush();
    const from = this.books.stateOf(command.from_wallet_id);
    return this.books.transfer(command, await readSentBefore(this.statements, from));
  }

  /** Writes what was decided since the last time. All is sent when this returns, or it throws. */
  flush(): Promise<unknown> {
    const changes = this.books.takeChanges();
    for (const { after } of changes) this.written.add(after.wallet.id);
    return write(this.statements, changes);
  }

  /** The wallets as the transaction leaves them, once it is committed. */
  left(read_at: number): KnownWallet[] {
    return this.locked.flatMap(({ wallet: { id }, ...read }) => {
      const version = this.written.has(id) ? this.transactionId : read.version;
      return version === null ? [] : [{ state: this.books.stateOf(id), version, read_at }];
    });
  }

  /** What was read is kept where it is not known better: by what was decided in this transaction. */
  private add({ used, named, gone }: Found): void {
    this.books.addKeys(used, gone);
    for (const [walletId, more] of named) {
      const state = this.books.find(walletId);
      if (state === undefined) continue;
      this.books.set({
        ...state,
        lots: joined(state.lots, more.lots, (lot) => lot.number),
        holds: joined(state.holds, more.holds, (hold) => hold.id),
        charges: joined(state.charges, more.charges, (charge) => charge.seq),
        clawed_lots: joined(state.clawed_lots, more.clawed_lots, (one) => one.lot),
        clawbacks: joined(state.clawbacks, more.clawbacks, (clawback) => clawback.seq),
      });
    }
  }

  private async addWhatIsDue(walletIds: readonly string[], until: Instant): Promise<void> {
    const { holds, next } = await readDue(this.statements, walletIds, until);
    for (const id of walletIds) {
      const state = this.books.find(id);
      if (state === undefined) continue;
      const own = holds.filter((hold) => hold.wallet_id === id);
      this.books.set({
        ...state,
        wallet: { ...state.wallet, next_hold_at: next.get(id) ?? null },
        holds: joined(state.holds, own, (hold) => hold.id),
      });
    }
  }

  private async addBudgets(walletIds: readonly string[]): Promise<void> {
    const budgets = await readBudgets(this.statements, walletIds);
    for (const [id, own] of Map.groupBy(budgets, (budget) => budget.wallet_id)) {
      const state = this.books.find(id);
      if (state !== undefined) this.books.set({ ...state, budgets: own });
    }
  }

  /** After all else, which tells the windows that matter. Asks nothing when no counter does. */
  private async addCounters(asked: readonly AskedCommand[]): Promise<void> {
    const keys = new Map<string, CounterKey & { wallet_id: string }>();
    for (const { command, at } of asked) {
      for (const wallet_id of walletsOf(command)) {
        const state = this.books.find(wallet_id);
        const needed = state === undefined ? [] : neededCounters(state, command, at ?? this.now);
        for (const key of needed) keys.set(`${wallet_id} ${nameOf(key)}`, { ...key, wallet_id });
      }
    }
    if (keys.size === 0) return;
    const counters = await readCounters(this.statements, [...keys.values()]);
    for (const [id, own] of Map.groupBy(counters, (counter) => counter.wallet_id)) {
      const state = this.books.find(id);
      if (state === undefined) continue;
      this.books.set({ ...state, counters: joined(state.counters, own, nameOf) });
    }
  }
}

function joined<Row>(
  known: readonly Row[],
  more: readonly Row[],
  keyOf: (row: Row) => unknown,
): readonly Row[] {
  if (more.length === 0) return known;
  const keys = new Set(known.map(keyOf));
  return [...known, ...more.filter((row) => !keys.has(keyOf(row)))];
}

function later(one: Instant, other: Instant): Instant {
  return one > other ? one : other;
}
