import { type Command, type Debit, type Grant, type Refusal, contentOf } from './commands.ts';
import { Draft, type Written } from './draft.ts';
import type { Instant } from './instant.ts';
import { availableFor, burn, priorityOf } from './lots.ts';
import { priceOf } from './price-rules.ts';
import type { Entry, WalletState } from './wallet.ts';

export type Decision =
  | { outcome: 'decided'; entries: readonly Entry[]; state: WalletState }
  | { outcome: 'refused'; refusal: Refusal };

/**
 * What a command does to a wallet: the entries to write and how the wallet stands after them, or
 * the reason why not. Pure: the same state, command and time always give the same answer. Lots that
 * are due expire first, whoever asks. A refusal writes nothing.
 *
 * The caller holds the wallet's lock and has found that the command's key was not used before.
 */
export function decide(state: WalletState, command: Command, now: Instant): Decision {
  const draft = new Draft(state, now);
  draft.expireDueLots();
  if (command.kind === 'expire') return decided(draft);
  if (state.wallet.frozen) return refused({ code: 'wallet_frozen' });
  switch (command.kind) {
    case 'grant':
      return grant(draft, command);
    case 'debit':
      return debit(draft, command);
  }
}

function grant(draft: Draft, command: Grant): Decision {
  if (command.amount_micro <= 0n) throw new Error('a grant is more than nothing');
  const number = draft.addLot({
    source: command.source,
    priority: priorityOf(command.source),
    expires_at: command.expires_at,
    granted: command.amount_micro,
    cost_minor: command.cost_minor ?? 0n,
    currency: command.currency ?? null,
    payment_id: command.payment_id ?? null,
    operations: command.operations ?? null,
  });
  draft.write({
    ...asAsked(command),
    kind: 'grant',
    amount: command.amount_micro,
    legs: [{ lot: number, from: 'outside', to: 'available', amount: command.amount_micro }],
    payment_id: command.payment_id ?? null,
  });
  return decided(draft);
}

function debit(draft: Draft, command: Debit): Decision {
  const price = priceOf(command.rule, command.quantity);
  const required = price.amount_micro;
  const available = availableFor(draft.lots, command.operation, draft.now);
  if (available < required) {
    const missing = required - available;
    return refused({ code: 'insufficient_credits', required, available, missing });
  }
  const taken = burn(draft.lots, required, command.operation, draft.now);
  draft.write({
    ...asAsked(command),
    kind: 'debit',
    amount: required,
    legs: taken.map(({ lot, amount }) => ({ lot, from: 'available', to: 'consumed', amount })),
    operation: command.operation,
    quantity: command.quantity,
    lines: price.lines,
    occurred_at: command.occurred_at ?? null,
  });
  return decided(draft);
}

function decided(draft: Draft): Decision {
  return { outcome: 'decided', ...draft.result() };
}

function refused(refusal: Refusal): Decision {
  return { outcome: 'refused', refusal };
}

function asAsked(command: Grant | Debit): Pick<Written, 'key' | 'content' | 'asked' | 'details'> {
  return {
    key: command.key,
    content: contentOf(command),
    asked: command.asked,
    details: command.details ?? null,
  };
}
