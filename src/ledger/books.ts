import { type Command, type Transfer, contentOf } from '../core/commands.ts';
import { type Decided, decide, decideTransfer } from '../core/decide.ts';
import type { SentBefore } from '../core/decisions/transfers.ts';
import { type Hold, holdAt } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';
import { newsOf } from '../core/news.ts';
import { spenderOf } from '../core/spender.ts';
import { type Entry, type WalletState, chargeOf } from '../core/wallet.ts';
import type { OutboxRow } from './counters.ts';
import { keyHash } from './keys.ts';
import type { Answer, Outcome } from './outcome.ts';
import { type UsedKey, keyName } from './used-keys.ts';
import type { Change } from './write.ts';

/** A command that cannot be decided, which is a bug of its caller's and concerns no other command. */
export class CommandFault extends Error {}
/** There is no such wallet, or its lock was not to be had without waiting. */
export class WalletMissing extends CommandFault {}

/**
 * Some wallets as they are known, with the keys that were used in them. Commands are decided one
 * after the other, each on what the one before it left; what they change waits to be written.
 */
export class Books {
  readonly now: Instant;
  private readonly states: Map<string, WalletState>;
  private readonly used = new Map<string, UsedKey>();
  /** API keys and people who may not ask any more. */
  private readonly gone = new Set<string>();
  /** What was decided and not yet written, by wallet. */
  private readonly changes = new Map<string, Change>();

  /** @param now the database's clock */
  constructor(states: Iterable<WalletState>, now: Instant) {
    this.states = new Map(Array.from(states, (state) => [state.wallet.id, state]));
    this.now = now;
  }

  find(walletId: string): WalletState | undefined {
    return this.states.get(walletId);
  }

  /** @throws WalletMissing when it is none of those that are known */
  stateOf(walletId: string): WalletState {
    const state = this.states.get(walletId);
    if (state === undefined) {
      throw new WalletMissing(`wallet ${walletId} does not exist or was not locked`);
    }
    return state;
  }

  /** Something more was read of a wallet. */
  set(state: WalletState): void {
    this.states.set(state.wallet.id, state);
  }

  /** What is known better, by what was decided here, stays. */
  addKeys(used: readonly (readonly [name: string, first: UsedKey])[], gone: readonly string[]) {
    for (const id of gone) this.gone.add(id);
    for (const [name, first] of used) if (!this.used.has(name)) this.used.set(name, first);
  }

  /**
   * The answer to a command. What it changes is among the `takeChanges`.
   * @throws CommandFault when its wallet is not known, or it cannot be decided
   */
  run(command: Command, at?: Instant): Outcome {
    const known = this.stateOf(command.wallet_id);
    const before = this.askerIsGone(command) ?? this.answeredBefore(command.wallet_id, command);
    if (before !== undefined) return before;
    const state = this.withOwnCharge(known, command);
    if (at !== undefined && (at > this.now || at <= state.wallet.last_at)) {
      const [after, until] = [state.wallet.last_at, this.now];
      return { outcome: 'refused', refusal: { code: 'time_out_of_order', after, until } };
    }
    const decision = decideOrFail(() => decide(state, command, at ?? this.now));
    if (decision.outcome === 'refused') return decision;
    return this.keep(state, decision, command);
  }

  /** The answer to a transfer that was made before, or may not be made by who asks any more. */
  transferredBefore(command: Transfer): Outcome | undefined {
    return (
      this.askerIsGone(command) ??
      this.answeredBefore(this.stateOf(command.from_wallet_id).wallet.id, command) ??
      this.answeredBefore(this.stateOf(command.to_wallet_id).wallet.id, command)
    );
  }

  /** Moves credits between two wallets; the answer is the sender's. */
  transfer(command: Transfer, sentBefore: SentBefore): Outcome {
    const [from, to] = [this.stateOf(command.from_wallet_id), this.stateOf(command.to_wallet_id)];
    const decision = decideOrFail(() => decideTransfer(from, to, command, this.now, sentBefore));
    if (decision.outcome === 'refused') return decision;
    this.keep(to, decision.receiver, command);
    return this.keep(from, decision.sender, command);
  }

  /** What was decided since the last time, by wallet. */
  takeChanges(): Change[] {
    const changes = [...this.changes.values()];
    this.changes.clear();
    return changes;
  }

  private keep(before: WalletState, decided: Decided, command: Command | Transfer): Outcome {
    const { state: after, entries, own } = decided;
    const { id, last_seq: seq, last_at: at } = after.wallet;
    this.states.set(id, after);
    const told = [...newsIn(decided), ...decided.crossings.map((one) => ({ seq, at, told: one }))];
    const pending = this.changes.get(id);
    if (pending === undefined) {
      this.changes.set(id, { before, after, entries: [...entries], told });
    } else {
      pending.after = after;
      pending.entries.push(...entries);
      pending.told.push(...told);
    }
    return this.answer(command, own, after);
  }

  /** A charge that was decided here is not in the tables yet. */
  private withOwnCharge(state: WalletState, command: Command): WalletState {
    if (command.kind !== 'refund' && command.kind !== 'correction') return state;
    const { entry_seq } = command;
    if (state.charges.some(({ seq }) => seq === entry_seq)) return state;
    const entry = this.changes.get(command.wallet_id)?.entries.find(({ seq }) => seq === entry_seq);
    const charge = entry === undefined ? undefined : chargeOf(entry, state.holds);
    return charge === undefined ? state : { ...state, charges: [...state.charges, charge] };
  }

  private askerIsGone(command: Command | Transfer): Outcome | undefined {
    if (command.kind === 'expire') return undefined;
    const { api_key_id } = command.asked;
    if (api_key_id !== undefined && this.gone.has(api_key_id)) {
      return { outcome: 'refused', refusal: { code: 'key_revoked' } };
    }
    const person = spenderOf(command);
    if (person === undefined || !this.gone.has(person)) return undefined;
    return { outcome: 'refused', refusal: { code: 'person_deactivated' } };
  }

  private answeredBefore(walletId: string, command: Command | Transfer): Outcome | undefined {
    if (command.kind === 'expire') return undefined;
    const first = this.used.get(keyName(walletId, keyHash(command.key)));
    if (first === undefined) return undefined;
    if (!first.isFor(contentOf(command))) {
      return { outcome: 'refused', refusal: { code: 'key_reused' } };
    }
    const hold = namedHold(command, this.states.get(walletId));
    return {
      ...{ outcome: 'done', replayed: true },
      hold: hold === undefined ? undefined : holdAt(hold, this.now),
      ...first.answer,
    };
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

function newsIn({ entries, state }: Decided): OutboxRow[] {
  return entries.flatMap((entry) =>
    newsOf(entry, state.lots).map((kind) => ({ seq: entry.seq, at: entry.at, told: { kind } })),
  );
}

function namedHold(command: Command | Transfer, state: WalletState | undefined): Hold | undefined {
  return 'hold_id' in command ? state?.holds.find(({ id }) => id === command.hold_id) : undefined;
}

function decideOrFail<Decision>(work: () => Decision): Decision {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandFault(message, { cause: error });
  }
}
