import type { Capture, Extend, Refusal, Release } from '../commands.ts';
import { least } from '../credits.ts';
import type { Draft } from '../draft.ts';
import { type Hold, partsOfHold, remainderOf, settleHold } from '../holds.ts';
import { MICROSECONDS_PER_SECOND } from '../instant.ts';
import type { Period } from '../periods.ts';
import { countedPeriods, countedQuantity, priceOf, unknownComponent } from '../price-rules.ts';
import type { Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { take, waived } from './usage.ts';

/** Moves the deadline, never nearer and never beyond what the wallet allows in all. */
export function extend(draft: Draft, command: Extend): Entry | Refusal {
  const found = openHold(draft, command.hold_id);
  if ('code' in found) return found;
  const asked = draft.now + BigInt(command.ttl_seconds) * MICROSECONDS_PER_SECOND;
  const allowed = asked < found.expires_at_most ? asked : found.expires_at_most;
  const expires_at = allowed > found.expires_at ? allowed : found.expires_at;
  draft.replaceHold({ ...found, expires_at });
  return draft.write({
    ...asAsked(command),
    kind: 'extension',
    amount: 0n,
    legs: [],
    operation: found.operation,
    parent_seq: found.entry_seq,
  });
}

/**
 * Charges what was really used. Within the hold it cannot fail for lack of credits. Beyond it the
 * excess is an ordinary debit in the same command where the wallet's policy says so: all of it or
 * nothing, unless a part is enough. What is left of the hold comes back, unless more is to follow.
 * Work that began while the wallet was unlimited ends so: it costs nothing, for the same reason.
 */
export function capture(draft: Draft, command: Capture): Entry | Refusal {
  const found = openHold(draft, command.hold_id);
  if ('code' in found) return found;
  const operation = found.operation ?? command.rule.operation;
  const { rule, quantity, components } = command;
  const component = unknownComponent(rule, components);
  if (component !== undefined) return { code: 'component_unknown', component };
  const before = (period: Period): bigint => usedBefore(draft, found, operation, period);
  const price = priceOf(rule, quantity, before, components);
  const waiver = found.waiver ?? draft.wallet.unlimited;
  const excess = waiver === null ? excessLegs(draft, command, found, price.amount_micro) : [];
  if ('code' in excess) return excess;
  const within = least(price.amount_micro, remainderOf(found));
  const parts = waiver === null ? partsOfHold(found, within) : [];
  const goesOn = command.more_to_follow === true;
  const used = countedQuantity(rule, quantity, components);
  const heldQuantity = least(used, found.quantity);
  const settled = {
    ...settleHold(found, parts, 'captured'),
    quantity: found.quantity - heldQuantity,
  };
  // A hold of an unlimited wallet is of nothing, and open until somebody says that it is over.
  const isOpen = goesOn && (settled.open || found.amount === 0n);
  if (isOpen) draft.replaceHold({ ...settled, open: true });
  else if (remainderOf(settled) === 0n) draft.closeHold(settled);
  const entry = draft.write({
    ...asAsked(command),
    kind: 'capture',
    amount: within,
    list_amount: within < price.amount_micro ? price.amount_micro : null,
    legs: parts.map((part) => ({ ...part, from: 'held', to: 'consumed' })),
    ...(waiver === null ? {} : waived(price.amount_micro, waiver)),
    operation: found.operation,
    quantity,
    lines: price.lines,
    occurred_at: command.occurred_at ?? null,
    parent_seq: found.entry_seq,
  });
  // What was held counts in the window of the hold, and what is above it now.
  draft.tally.countQuantity(operation, countedPeriods(rule), used - heldQuantity, entry.at);
  if (excess.length > 0) {
    const amount = excess.reduce((sum, leg) => sum + leg.amount, 0n);
    const { at } = draft.follow(entry, 'debit', amount, excess);
    draft.tally.countAmount({ operation, asked: command.asked }, amount, at);
  }
  if (!isOpen && remainderOf(settled) > 0n) giveBackRest(draft, settled, entry);
  return entry;
}

/** Gives back all that is left. */
export function release(draft: Draft, command: Release): Entry | Refusal {
  const found = openHold(draft, command.hold_id);
  if ('code' in found) return found;
  return draft.releaseHold(found, asAsked(command));
}

/** What was used of the operation before the hold, in the window in which the hold was made. */
function usedBefore(draft: Draft, hold: Hold, operation: string, period: Period): bigint {
  const used = draft.tally.used(operation, period, hold.created_at);
  return used > hold.quantity ? used - hold.quantity : 0n;
}

function giveBackRest(draft: Draft, hold: Hold, capture: Entry): void {
  draft.releaseHold(hold, {
    key: { namespace: 'follows', key: `${capture.seq} release` },
    content: `follows entry ${capture.seq}`,
    asked: capture.asked,
  });
}

function excessLegs(draft: Draft, command: Capture, hold: Hold, required: bigint): Leg[] | Refusal {
  const held = remainderOf(hold);
  if (required <= held) return [];
  const partly = command.allow_partial === true;
  if (draft.wallet.capture_above_hold === 'refuse') {
    return partly ? [] : { code: 'capture_above_hold', required, held };
  }
  const operation = hold.operation ?? command.rule.operation;
  const use = { operation, asked: command.asked, allow_partial: partly };
  const legs = take(draft, required - held, use, 'consumed');
  // With a part being enough, an empty wallet still pays what is held.
  return 'code' in legs && partly ? [] : legs;
}

function openHold(draft: Draft, id: string): Hold | Refusal {
  const found = draft.holds.find((one) => one.id === id);
  if (found === undefined) return { code: 'hold_unknown' };
  const { captured, released } = found;
  return found.open ? found : { code: 'hold_closed', captured, released };
}
