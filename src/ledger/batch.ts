import { type Command, contentOf } from '../core/commands.ts';
import { type Decision, decide } from '../core/decide.ts';
import type { Instant } from '../core/instant.ts';
import type { Entry, WalletState } from '../core/wallet.ts';
import { contentHash, keyHash } from './keys.ts';
import type { Outcome } from './outcome.ts';
import {
  type UsedKey,
  lockAndRead,
  namesSomething,
  readClock,
  readKeys,
  readNamed,
} from './read-state.ts';
import type { Statements } from './statements.ts';
import { type Change, write } from './write.ts';

/** A command that cannot be decided, which is a bug of its caller's and concerns no other command. */
export class CommandFault extends Error {}

/**
 * The locked wallets of one transaction. Commands are decided one after the other, each on what the
 * one before it left, and written together by `flush`.
 */
export class Batch {
  private readonly statements: Statements;
  private readonly states: Map<string, WalletState>;
  private readonly used = new Map<string, UsedKey>();
  /** What was decided and not yet written, by wallet. */
  private readonly changes = new Map<string, Change>();
  private now: Instant | undefined;

  private constructor(statements: Statements, states: Map<string, WalletState>) {
    this.statements = statements;
    this.states = states;
  }

  /** Locks the wallets in the order of their ids and reads them. */
  static async lock(statements: Statements, walletIds: readonly string[]): Promise<Batch> {
    return new Batch(statements, await lockAndRead(statements, [...new Set(walletIds)]));
  }

  /** Looks up in one go which keys were used before. For commands that `run` is not told here it asks. */
  async lookUpKeys(commands: readonly Command[]): Promise<void> {
    const keyed = commands.filter((command) => command.kind !== 'expire');
    const pairs = keyed.map((command) => [command.wallet_id, keyHash(command.key)] as const);
    for (const found of await readKeys(this.statements, pairs)) {
      this.used.set(`${found.wallet_id} ${found.key_hash}`, found);
    }
  }

  /**
   * The answer to a command; what it writes waits for `flush`. Throws when the wallet is not among
   * the locked ones.
   */
  async run(command: Command, at?: Instant): Promise<Outcome> {
    const locked = this.states.get(command.wallet_id);
    if (locked === undefined) {
      throw new CommandFault(`wallet ${command.wallet_id} does not exist or was not locked`);
    }
    const before = this.answeredBefore(command);
    if (before !== undefined) return before;
    this.now ??= await readClock(this.statements);
    const now = ownTime(at, this.now, locked);
    // What a command names is read from the tables, so what is pending has to be there.
    if (namesSomething(locked, command, now)) await this.flush();
    const state = await readNamed(this.statements, locked, command, now);
    const decision = decideOrFail(state, command, now);
    if (decision.outcome === 'refused') return decision;
    this.keep(state, decision.state, decision.entries);
    return this.answer(command, decision.own, decision.state);
  }

  /** Writes what was decided since the last time, in one statement. */
  async flush(): Promise<void> {
    if (this.changes.size > 0) await write(this.statements, [...this.changes.values()]);
    this.changes.clear();
  }

  private keep(before: WalletState, after: WalletState, entries: readonly Entry[]): void {
    const { id } = after.wallet;
    const open = after.lots.filter((lot) => lot.available + lot.held > 0n);
    this.states.set(id, { ...after, lots: open, holds: [], charges: [] });
    const pending = this.changes.get(id);
    this.changes.set(
      id,
      pending === undefined
        ? { before, after, entries }
        : {
            before: pending.before,
            after: merged(pending.after, after),
            entries: [...pending.entries, ...entries],
          },
    );
  }

  private answeredBefore(command: Command): Outcome | undefined {
    if (command.kind === 'expire') return undefined;
    const used = this.used.get(`${command.wallet_id} ${keyHash(command.key)}`);
    if (used === undefined) return undefined;
    if (used.content_hash !== contentHash(contentOf(command))) {
      return { outcome: 'refused', refusal: { code: 'key_reused' } };
    }
    const { seq, amount, available_after } = used;
    return { outcome: 'done', replayed: true, seq, amount_micro: amount, available_after };
  }

  private answer(command: Command, own: Entry | undefined, after: WalletState): Outcome {
    const { available, last_seq } = after.wallet;
    const [seq, amount] = [own?.seq ?? last_seq, own?.amount ?? 0n];
    if (command.kind !== 'expire') {
      const key_hash = keyHash(command.key);
      this.used.set(`${command.wallet_id} ${key_hash}`, {
        ...{ wallet_id: command.wallet_id, key_hash, seq, amount },
        content_hash: contentHash(contentOf(command)),
        available_after: available,
      });
    }
    return {
      outcome: 'done',
      replayed: false,
      seq,
      amount_micro: amount,
      available_after: available,
    };
  }
}

function decideOrFail(state: WalletState, command: Command, now: Instant): Decision {
  try {
    return decide(state, command, now);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandFault(message, { cause: error });
  }
}

/** Lots that one command closed are not among those of the next; both are to be written. */
function merged(earlier: WalletState, later: WalletState): WalletState {
  const known = new Set(later.lots.map((lot) => lot.number));
  const holds = new Set(later.holds.map((hold) => hold.id));
  return {
    ...later,
    lots: [...earlier.lots.filter((lot) => !known.has(lot.number)), ...later.lots],
    holds: [...earlier.holds.filter((hold) => !holds.has(hold.id)), ...later.holds],
    charges: [...earlier.charges, ...later.charges],
  };
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
