import { type Command, type Transfer, contentOf } from '../core/commands.ts';
import { type CounterKey, nameOf } from '../core/counters.ts';
import { type Decided, decide, decideTransfer } from '../core/decide.ts';
import type { Hold } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';
import { neededCounters } from '../core/needed-counters.ts';
import { type Entry, type WalletState, chargeOf } from '../core/wallet.ts';
import { readBudgets, readCounters } from './counters.ts';
import { keyHash } from './keys.ts';
import type { Answer, Outcome } from './outcome.ts';
import { lockWallets, readDue, readOpenLots, readSentBefore } from './read-state.ts';
import type { Statements } from './statements.ts';
import { type UsedKey, keyName } from './used-keys.ts';
import { type AskedCommand, type Found, findWhatIsNamed, walletsOf } from './what-is-named.ts';
import { type Change, write } from './write.ts';

const NOTHING_NAMED = {
  ...{ holds: [], charges: [], clawed_lots: [], clawbacks: [] },
  ...{ budgets: [], counters: [] },
};

/** A command that cannot be decided, which is a bug of its caller's and concerns no other command. */
export class CommandFault extends Error {}
/** There is no such wallet, or its lock was not to be had without waiting. */
export class WalletMissing extends CommandFault {}

/** Ledger time goes on by a microsecond with each entry: so much of it a batch never writes. */
const BATCH_MICROS = 10_000n;

/**
 * The locked wallets of one transaction. Commands are decided one after the other, each on what the
 * one before it left, and written together by `flush`.
 */
export class Batch {
  private readonly statements: Statements;
  private readonly states: Map<string, WalletState>;
  private readonly goneApiKeys = new Set<string>();
  private readonly used = new Map<string, UsedKey>();
  /** What was decided and not yet written, by wallet. */
  private readonly changes = new Map<string, Change>();
  private readonly now: Instant;

  private constructor(statements: Statements, states: Map<string, WalletState>, now: Instant) {
    this.statements = statements;
    this.states = states;
    this.now = now;
  }

  /**
   * Locks the wallets in the order of their ids, then reads them and what the commands name. All is
   * asked for at once and carried out in this order, so that it is read as it stands under the locks.
   * @param onlyFree leaves out wallets that somebody else keeps locked
   */
  static async lock(
    statements: Statements,
    walletIds: readonly string[],
    asked: readonly AskedCommand[],
    onlyFree = false,
  ): Promise<Batch> {
    const ids = [...new Set(walletIds)];
    const [wallets, lots, found] = await Promise.all([
      lockWallets(statements, ids, onlyFree),
      readOpenLots(statements, ids),
      findWhatIsNamed(statements, asked),
    ]);
    const { now } = found;
    const lotsOf = Map.groupBy(lots, (lot) => lot.wallet_id);
    const states = wallets.map((wallet): [string, WalletState] => [
      wallet.id,
      { ...NOTHING_NAMED, wallet, lots: lotsOf.get(wallet.id) ?? [] },
    ]);
    const batch = new Batch(statements, new Map(states), now);
    batch.add(found);
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
    const locked = this.locked(command.wallet_id);
    const before = this.keyIsGone(command) ?? this.answeredBefore(command.wallet_id, command);
    if (before !== undefined) return before;
    const state = this.withOwnCharge(locked, command);
    const now = ownTime(at, this.now, state);
    const decision = decideOrFail(() => decide(state, command, now));
    if (decision.outcome === 'refused') return decision;
    return this.keep(state, decision, command);
  }

  /**
   * Moves credits between two locked wallets; the answer is the sender's. Like `run`, but what was
   * sent before is read from the tables, so what is pending has to be there.
   */
  async transfer(command: Transfer): Promise<Outcome> {
    const [from, to] = [this.locked(command.from_wallet_id), this.locked(command.to_wallet_id)];
    const before =
      this.keyIsGone(command) ??
      this.answeredBefore(from.wallet.id, command) ??
      this.answeredBefore(to.wallet.id, command);
    if (before !== undefined) return before;
    await this.flush();
    const sentBefore = await readSentBefore(this.statements, from);
    const decision = decideOrFail(() => decideTransfer(from, to, command, this.now, sentBefore));
    if (decision.outcome === 'refused') return decision;
    this.keep(to, decision.receiver, command);
    return this.keep(from, decision.sender, command);
  }

  /** Writes what was decided since the last time. All is sent when this returns, or it throws. */
  flush(): Promise<unknown> {
    const changes = [...this.changes.values()];
    this.changes.clear();
    return write(this.statements, changes);
  }

  private locked(walletId: string): WalletState {
    const state = this.states.get(walletId);
    if (state === undefined) {
      throw new WalletMissing(`wallet ${walletId} does not exist or was not locked`);
    }
    return state;
  }

  private keep(before: WalletState, decided: Decided, command: Command | Transfer): Outcome {
    const { state: after, entries, own } = decided;
    const { id, last_seq: seq, last_at: at } = after.wallet;
    this.states.set(id, after);
    const told = decided.crossings.map((crossing) => ({ seq, at, crossing }));
    const pending = this.changes.get(id);
    if (pending === undefined) {
      this.changes.set(id, { before, after, entries: [...entries], crossings: told });
    } else {
      pending.after = after;
      pending.entries.push(...entries);
      pending.crossings.push(...told);
    }
    return this.answer(command, own, after);
  }

  /** What was read is kept where it is not known better: by what was decided in this transaction. */
  private add({ used, named, gone }: Found): void {
    for (const id of gone) this.goneApiKeys.add(id);
    for (const [name, first] of used) if (!this.used.has(name)) this.used.set(name, first);
    for (const [walletId, more] of named) {
      const state = this.states.get(walletId);
      if (state === undefined) continue;
      this.states.set(walletId, {
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
      const state = this.states.get(id);
      if (state === undefined) continue;
      const own = holds.filter((hold) => hold.wallet_id === id);
      this.states.set(id, {
        ...state,
        wallet: { ...state.wallet, next_hold_at: next.get(id) ?? null },
        holds: joined(state.holds, own, (hold) => hold.id),
      });
    }
  }

  private async addBudgets(walletIds: readonly string[]): Promise<void> {
    const budgets = await readBudgets(this.statements, walletIds);
    for (const [id, own] of Map.groupBy(budgets, (budget) => budget.wallet_id)) {
      const state = this.states.get(id);
      if (state !== undefined) this.states.set(id, { ...state, budgets: own });
    }
  }

  /** After all else, which tells the windows that matter. Asks nothing when no counter does. */
  private async addCounters(asked: readonly AskedCommand[]): Promise<void> {
    const keys = new Map<string, CounterKey & { wallet_id: string }>();
    for (const { command, at } of asked) {
      for (const wallet_id of walletsOf(command)) {
        const state = this.states.get(wallet_id);
        const needed = state === undefined ? [] : neededCounters(state, command, at ?? this.now);
        for (const key of needed) keys.set(`${wallet_id} ${nameOf(key)}`, { ...key, wallet_id });
      }
    }
    if (keys.size === 0) return;
    const counters = await readCounters(this.statements, [...keys.values()]);
    for (const [id, own] of Map.groupBy(counters, (counter) => counter.wallet_id)) {
      const state = this.states.get(id);
      if (state === undefined) continue;
      this.states.set(id, { ...state, counters: joined(state.counters, own, nameOf) });
    }
  }

  /** A charge that was decided in this transaction is not in the tables yet. */
  private withOwnCharge(state: WalletState, command: Command): WalletState {
    if (command.kind !== 'refund') return state;
    const { entry_seq } = command;
    if (state.charges.some(({ seq }) => seq === entry_seq)) return state;
    const entry = this.changes.get(command.wallet_id)?.entries.find(({ seq }) => seq === entry_seq);
    const charge = entry === undefined ? undefined : chargeOf(entry, state.holds);
    return charge === undefined ? state : { ...state, charges: [...state.charges, charge] };
  }

  private keyIsGone(command: Command | Transfer): Outcome | undefined {
    const id = command.kind === 'expire' ? undefined : command.asked.api_key_id;
    if (id === undefined || !this.goneApiKeys.has(id)) return undefined;
    return { outcome: 'refused', refusal: { code: 'key_revoked' } };
  }

  private answeredBefore(walletId: string, command: Command | Transfer): Outcome | undefined {
    if (command.kind === 'expire') return undefined;
    const first = this.used.get(keyName(walletId, keyHash(command.key)));
    if (first === undefined) return undefined;
    if (!first.isFor(contentOf(command))) {
      return { outcome: 'refused', refusal: { code: 'key_reused' } };
    }
    const hold = namedHold(command, this.states.get(walletId));
    return { outcome: 'done', replayed: true, hold, ...first.answer };
  }

  private answer(command: Command | Transfer, own: Entry | undefined, after: WalletState): Outcome {
    const { last_seq, last_at, available, held, debt } = after.wallet;
    const answer: Answer = {
      seq: own?.seq ?? last_seq,
      amount_micro: own?.amount ?? 0n,
      list_amount_micro: own?.list_amount ?? null,
      available_after: available,
      held_after: held,
      debt_after: debt,
      at: own?.at ?? last_at,
    };
    if (command.kind !== 'expire' && own !== undefined) {
      const isFor = (content: string): boolean => content === own.content;
      this.used.set(keyName(after.wallet.id, keyHash(command.key)), { answer, isFor });
    }
    return { outcome: 'done', replayed: false, hold: namedHold(command, after), ...answer };
  }
}

function namedHold(command: Command | Transfer, state: WalletState | undefined): Hold | undefined {
  return 'hold_id' in command ? state?.holds.find(({ id }) => id === command.hold_id) : undefined;
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

function decideOrFail<Decision>(work: () => Decision): Decision {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandFault(message, { cause: error });
  }
}

function ownTime(at: Instant | undefined, now: Instant, state: WalletState): Instant {
  if (at === undefined) return now;
  if (at > now || at <= state.wallet.last_at) {
    throw new CommandFault(
      "a time of one's own lies after the wallet's last entry and not in the future",
    );
  }
  return at;
}
