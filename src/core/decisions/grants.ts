import type { Adjustment, Grant, Refusal } from '../commands.ts';
import { least } from '../credits.ts';
import type { Draft } from '../draft.ts';
import { isExpired, priorityOf } from '../lots.ts';
import type { Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { legsOut } from './removals.ts';

/** A new lot. What is owed is repaid out of it first. */
export function grant(draft: Draft, command: Grant): Entry {
  const number = draft.addLot({
    source: command.source,
    priority: command.priority ?? priorityOf(command.source),
    expires_at: command.expires_at,
    granted: command.amount_micro,
    cost_minor: command.cost_minor ?? 0n,
    currency: command.currency ?? null,
    payment_id: command.payment_id ?? null,
    subscription_id: command.subscription_id ?? null,
    operations: command.operations ?? null,
  });
  const entry = draft.write({
    ...asAsked(command),
    kind: 'grant',
    amount: command.amount_micro,
    legs: [{ lot: number, from: 'outside', to: 'available', amount: command.amount_micro }],
    payment_id: command.payment_id ?? null,
  });
  repay(draft, entry, [number]);
  return entry;
}

/** Credits added by hand are a lot; credits taken away are removed from the lots that burn first. */
export function adjust(draft: Draft, command: Adjustment): Entry | Refusal {
  const amount = command.amount_micro;
  if (amount < 0n) return takeAway(draft, command, -amount);
  const number = draft.addLot({
    source: 'adjustment',
    priority: priorityOf('adjustment'),
    expires_at: command.expires_at,
    granted: amount,
    cost_minor: 0n,
    currency: null,
    payment_id: null,
    subscription_id: null,
    operations: null,
  });
  const entry = draft.write({
    ...asAsked(command),
    kind: 'adjustment',
    amount,
    legs: [{ lot: number, from: 'outside', to: 'available', amount }],
  });
  repay(draft, entry, [number]);
  return entry;
}

function takeAway(draft: Draft, command: Adjustment, required: bigint): Entry | Refusal {
  const legs = legsOut(draft, required);
  if ('code' in legs) return legs;
  return draft.write({ ...asAsked(command), kind: 'adjustment', amount: required, legs });
}

/**
 * What is owed is repaid out of new lots, in their order. Two legs for each: its credits are
 * consumed, and the debt goes down by as much. A lot that is good for some operations only does not
 * repay what others cost, and one that is over when it comes repays nothing.
 */
export function repay(draft: Draft, first: Entry, lots: readonly number[]): void {
  let { debt } = draft.wallet;
  const legs = lots.flatMap((number): Leg[] => {
    const lot = draft.lotOf(number);
    const amount = least(debt, lot.available);
    const repaysNothing = lot.operations !== null || isExpired(lot, draft.now);
    if (amount === 0n || repaysNothing) return [];
    debt -= amount;
    return [
      { lot: number, from: 'available', to: 'consumed', amount },
      { lot: 0, from: 'consumed', to: 'debt', amount },
    ];
  });
  const repaid = draft.wallet.debt - debt;
  if (repaid > 0n) draft.follow(first, 'repayment', repaid, legs);
}
