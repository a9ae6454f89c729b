import type { Command, KeyedCommand, Refusal } from './commands.ts';
import { adjust, grant } from './decisions/grants.ts';
import { capture, extend, release } from './decisions/holds.ts';
import { refund } from './decisions/refunds.ts';
import { debit, hold } from './decisions/usage.ts';
import { Draft } from './draft.ts';
import type { Instant } from './instant.ts';
import type { Entry, WalletState } from './wallet.ts';

export type Decision =
  | {
      outcome: 'decided';
      /** All that is to be written, in order. */
      entries: readonly Entry[];
      /** The command's own among them; undefined for `expire`. */
      own: Entry | undefined;
      state: WalletState;
    }
  | { outcome: 'refused'; refusal: Refusal };

/** Freezing stops new spending. Work that is done is charged, and what was paid for is granted. */
const STOPPED_BY_FREEZING = new Set<Command['kind']>(['debit', 'hold', 'extend']);

/**
 * What a command does to a wallet: the entries to write and how the wallet stands after them, or
 * the reason why not. Pure: the same state, command and time always give the same answer. Holds and
 * lots that are due are settled first, whoever asks. A refusal writes nothing.
 *
 * The caller holds the wallet's lock and has found that the command's key was not used before.
 */
export function decide(state: WalletState, command: Command, now: Instant): Decision {
  const draft = new Draft(state, now);
  draft.settleWhatIsDue();
  if (command.kind === 'expire') {
    return { outcome: 'decided', own: undefined, ...draft.result() };
  }
  if (state.wallet.frozen && STOPPED_BY_FREEZING.has(command.kind)) {
    return { outcome: 'refused', refusal: { code: 'wallet_frozen' } };
  }
  const answer = decideOn(draft, command);
  if ('code' in answer) return { outcome: 'refused', refusal: answer };
  return { outcome: 'decided', own: answer, ...draft.result() };
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
    case 'adjustment':
      return adjust(draft, command);
  }
}
