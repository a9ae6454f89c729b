import type { Command, Debit, KeyedCommand, Refusal, Transfer } from './commands.ts';
import { AMOUNT_MICRO_MAX } from './credits.ts';
import { correct } from './decisions/corrections.ts';
import { adjust, grant } from './decisions/grants.ts';
import { capture, extend, release } from './decisions/holds.ts';
import { refund } from './decisions/refunds.ts';
import { clawback, reinstate, writeOff } from './decisions/reversals.ts';
import { type SentBefore, receive, send } from './decisions/transfers.ts';
import { debit, hold, priceInDraft } from './decisions/usage.ts';
import { Draft } from './draft.ts';
import type { Instant } from './instant.ts';
import type { Price } from './price-rules.ts';
import type { Crossing } from './thresholds.ts';
import type { Entry, WalletState } from './wallet.ts';

export interface Decided {
  outcome: 'decided';
  /** All that is to be written, in order. */
  entries: readonly Entry[];
  /** The command's own among them; undefined for `expire`. */
  own: Entry | undefined;
  state: WalletState;
  /** What somebody wants to be told of. */
  crossings: readonly Crossing[];
}

export interface Refused {
  outcome: 'refused';
  refusal: Refusal;
}

export type Decision = Decided | Refused;

export type TransferDecision = { outcome: 'decided'; sender: Decided; receiver: Decided } | Refused;

/** Freezing stops new spending. Work that is done is charged, and what was paid for is granted. */
const STOPPED_BY_FREEZING = new Set<Command['kind']>(['debit', 'hold', 'extend', 'correction']);

/**
 * What a command does to a wallet: the entries to write and how the wallet stands after them, or
 * the reason why not. Pure: the same state, command and time always give the same answer. Holds and
 * lots that are due are settled first, whoever asks. A refusal writes nothing.
 *
 * The caller holds the wallet's lock and has found that the command's key was not used before.
 */
export function decide(state: WalletState, command: Command, now: Instant): Decision {
  if (asksForNothing(command)) return refused({ code: 'not_positive' });
  const draft = new Draft(state, now);
  draft.settleWhatIsDue();
  if (command.kind === 'expire') {
    return { outcome: 'decided', own: undefined, ...draft.result() };
  }
  if (state.wallet.frozen && STOPPED_BY_FREEZING.has(command.kind)) {
    return refused({ code: 'wallet_frozen' });
  }
  const answer = decideOn(draft, command);
  return 'code' in answer ? refused(answer) : finished(draft, answer);
}

/**
 * What a transfer does to its two wallets, under both locks. A no of either is a no for both.
 *
 * @param sentBefore how much of the sender's lots was sent before; absent is nothing
 */
export function decideTransfer(
  from: WalletState,
  to: WalletState,
  command: Transfer,
  now: Instant,
  sentBefore: SentBefore,
): TransferDecision {
  if (asksForNothing(command)) return refused({ code: 'not_positive' });
  if (from.wallet.id === to.wallet.id) return refused({ code: 'transfer_to_itself' });
  if (from.wallet.livemode !== to.wallet.livemode) {
    return refused({ code: 'transfer_between_modes' });
  }
  if (from.wallet.frozen || to.wallet.frozen) return refused({ code: 'wallet_frozen' });
  const [fromDraft, toDraft] = [new Draft(from, now), new Draft(to, now)];
  fromDraft.settleWhatIsDue();
  toDraft.settleWhatIsDue();
  const sent = send(fromDraft, command, sentBefore);
  if ('code' in sent) return refused(sent);
  const received = receive(toDraft, command, sent.lots);
  const sender = finished(fromDraft, sent.entry);
  if (sender.outcome === 'refused') return sender;
  const receiver = finished(toDraft, received);
  return receiver.outcome === 'refused' ? receiver : { outcome: 'decided', sender, receiver };
}

/**
 * What a debit costs by its price and what there is to pay it with, whether or not `decide` would
 * refuse it. Without a price there is none.
 */
export function priceFor(
  state: WalletState,
  command: Debit,
  now: Instant,
): { price: Price | undefined; available: bigint } {
  const draft = new Draft(state, now);
  draft.settleWhatIsDue();
  return { price: priceInDraft(draft, command), available: draft.wallet.available };
}

/** Only an adjustment is about less than nothing: it takes away. */
function asksForNothing(command: Command | Transfer): boolean {
  if (command.kind === 'adjustment') return command.amount_micro === 0n;
  const amount = 'amount_micro' in command ? command.amount_micro : undefined;
  const quantity = 'quantity' in command ? command.quantity : undefined;
  const seconds = 'ttl_seconds' in command ? BigInt(command.ttl_seconds) : undefined;
  return [amount, quantity, seconds].some((asked) => asked !== undefined && asked <= 0n);
}

function decideOn(draft: Draft, command: KeyedCommand): Entry | Refusal {
  switch (command.kind) {
    case 'grant':
      return grant(draft, command);
    case 'debit':
      return debit(draft, command);
    case 'hold':
      return hold(draft, command);
    case 'extend':
      return extend(draft, command);
    case 'capture':
      return capture(draft, command);
    case 'release':
      return release(draft, command);
    case 'refund':
      return refund(draft, command);
    case 'correction':
      return correct(draft, command);
    case 'clawback':
      return clawback(draft, command);
    case 'reinstatement':
      return reinstate(draft, command);
    case 'write_off':
      return writeOff(draft, command);
    case 'adjustment':
      return adjust(draft, command);
  }
}

/**
 * The last no: numbers that the ledger does not count to. What a wallet has and holds is bounded
 * together, so that what comes back from a hold is never too much.
 */
function finished(draft: Draft, own: Entry): Decision {
  const result = draft.result();
  const tooLarge = result.entries.some((entry) =>
    [
      entry.amount,
      entry.list_amount ?? 0n,
      entry.quantity ?? 0n,
      entry.available_after + entry.held_after,
      entry.debt_after,
    ].some((number) => number > AMOUNT_MICRO_MAX),
  );
  if (tooLarge) return refused({ code: 'amount_too_large', most: AMOUNT_MICRO_MAX });
  return { outcome: 'decided', own, ...result };
}

function refused(refusal: Refusal): Refused {
  return { outcome: 'refused', refusal };
}
