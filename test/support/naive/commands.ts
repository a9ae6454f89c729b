import type {
  Adjustment,
  Capture,
  Debit,
  Extend,
  Grant,
  HoldCredits,
  Refund,
  Refusal,
  Release,
} from '../../../src/core/commands.ts';
import {
  type NaiveEntry,
  type NaiveHold,
  type NaiveLot,
  type NaiveWallet,
  addLot,
  charge,
  isOver,
  least,
  leftOf,
  leg,
  lotOf,
  openHold,
  seconds,
  sum,
  nextAt,
  takeInOrder,
  total,
  write,
} from './wallet.ts';
import { naivePrice, pay, tooFew, unuse, use, usedIn } from './usage.ts';

export function grant(wallet: NaiveWallet, command: Grant, now: bigint): bigint {
  const priorities: Record<string, number> = { purchase: 30, transfer: 30, import: 30, plan: 20 };
  const usual = command.source === 'rollover' ? 20 : (priorities[command.source] ?? 10);
  const priority = command.priority ?? usual;
  const amount = command.amount_micro;
  const operations = command.operations ?? null;
  const lot = addLot(wallet, priority, command.expires_at, operations, amount);
  return putIn(wallet, 'grant', lot, now);
}

export function adjust(wallet: NaiveWallet, command: Adjustment, now: bigint): bigint | Refusal {
  if (command.amount_micro > 0n) {
    const lot = addLot(wallet, 10, command.expires_at, null, command.amount_micro);
    return putIn(wallet, 'adjustment', lot, now);
  }
  const required = -command.amount_micro;
  const available = total(wallet, 'available');
  if (available < required) return tooFew(wallet, required, available, available);
  const taken = takeInOrder(wallet, required, () => true);
  const legs = taken.map((one) => leg(one.lot, 'available', 'removed', one.amount));
  return write(wallet, now, 'adjustment', required, legs);
}

/** Fills a new lot, and repays what is owed out of it unless it is over or for some operations only. */
function putIn(
  wallet: NaiveWallet,
  kind: 'grant' | 'adjustment',
  lot: NaiveLot,
  now: bigint,
): bigint {
  const seq = write(wallet, now, kind, lot.granted, [
    leg(lot.number, 'outside', 'available', lot.granted),
  ]);
  const repaid = least(wallet.debt, lot.granted);
  if (repaid > 0n && lot.operations === null && !isOver(lot, now)) {
    const legs = [
      leg(lot.number, 'available', 'consumed', repaid),
      leg(0, 'consumed', 'debt', repaid),
    ];
    write(wallet, now, 'repayment', repaid, legs, seq);
  }
  return seq;
}

export function debit(wallet: NaiveWallet, command: Debit, now: bigint): bigint | Refusal {
  const { operation, quantity, rule } = command;
  if (rule === undefined) return { code: 'operation_unknown', operation };
  const price = priceNow(wallet, { operation, quantity, rule }, now);
  const legs = wallet.policies.unlimited
    ? []
    : pay(wallet, price, operation, command.allow_partial === true, 'consumed', now);
  if (!Array.isArray(legs)) return legs;
  const amount = sum(legs);
  const list = wallet.policies.unlimited ? price : differing(price, amount);
  const seq = write(wallet, now, 'debit', amount, legs, null, list);
  use(wallet, wallet.last_at, operation, { amount, quantity: inTiers({ rule }, quantity) });
  return charge(wallet, seq, operation, wallet.last_at);
}

export function hold(wallet: NaiveWallet, command: HoldCredits, now: bigint): bigint | Refusal {
  const { operation, rule } = command;
  if (rule === undefined) return { code: 'operation_unknown', operation };
  if (wallet.holds.some((one) => one.id === command.hold_id)) return { code: 'hold_exists' };
  const price = priceNow(wallet, { operation, quantity: command.quantity, rule }, now);
  const legs = wallet.policies.unlimited
    ? []
    : pay(wallet, price, command.operation, command.allow_partial === true, 'held', now);
  if (!Array.isArray(legs)) return legs;
  const amount = sum(legs);
  const list = wallet.policies.unlimited ? price : differing(price, amount);
  const seq = write(wallet, now, 'hold', amount, legs, null, list);
  const quantity = inTiers({ rule }, command.quantity);
  use(wallet, wallet.last_at, command.operation, { amount, quantity });
  const most = BigInt(wallet.policies.hold_max_seconds);
  wallet.holds.push({
    id: command.hold_id,
    entry_seq: seq,
    operation: command.operation,
    quantity,
    created_at: wallet.last_at,
    expires_at: wallet.last_at + seconds(least(BigInt(command.ttl_seconds), most)),
    expires_at_most: wallet.last_at + seconds(most),
    open: true,
    of_nothing: amount === 0n,
    parts: legs.map((one) => ({ lot: one.lot, amount: one.amount, captured: 0n, released: 0n })),
  });
  return seq;
}

export function extend(wallet: NaiveWallet, command: Extend, now: bigint): bigint | Refusal {
  const found = openHold(wallet, command.hold_id);
  if ('code' in found) return found;
  const asked = least(now + seconds(BigInt(command.ttl_seconds)), found.expires_at_most);
  if (asked > found.expires_at) found.expires_at = asked;
  return write(wallet, now, 'extension', 0n, [], found.entry_seq);
}

export function capture(wallet: NaiveWallet, command: Capture, now: bigint): bigint | Refusal {
  const found = openHold(wallet, command.hold_id);
  if ('code' in found) return found;
  const { unlimited, capture_above_hold } = wallet.policies;
  const { operation } = found;
  const usedBefore = usedIn(wallet, operation, found.created_at).quantity - found.quantity;
  const price = naivePrice(command.rule, command.quantity, usedBefore);
  const held = found.parts.reduce((left, part) => left + leftOf(part), 0n);
  const within = least(price, held);
  let excess: NaiveEntry['legs'] = [];
  if (!unlimited && price > held) {
    const partly = command.allow_partial === true;
    const paid =
      capture_above_hold === 'debit'
        ? pay(wallet, price - held, operation, partly, 'consumed', now)
        : ({ code: 'capture_above_hold', required: price, held } as const);
    if (Array.isArray(paid)) excess = paid;
    else if (!partly) return paid;
  }
  const legs: NaiveEntry['legs'] = [];
  if (!unlimited) {
    let missing = within;
    for (const part of found.parts) {
      const amount = least(leftOf(part), missing);
      if (amount === 0n) continue;
      part.captured += amount;
      missing -= amount;
      legs.push(leg(part.lot, 'held', 'consumed', amount));
    }
  }
  const amount = unlimited ? 0n : within;
  const list = unlimited ? price : differing(price, within);
  const left = found.parts.reduce((rest, part) => rest + leftOf(part), 0n);
  const goesOn = command.more_to_follow === true && (left > 0n || found.of_nothing);
  const within_held = least(command.quantity, found.quantity);
  found.quantity -= within_held;
  if (!goesOn && left === 0n) close(wallet, found, now);
  const seq = write(wallet, now, 'capture', amount, legs, found.entry_seq, list);
  charge(wallet, seq, operation, found.created_at);
  const above = inTiers(command, command.quantity - within_held);
  use(wallet, wallet.last_at, operation, { quantity: above });
  if (excess.length > 0) {
    const debited = write(wallet, now, 'debit', sum(excess), excess, seq);
    use(wallet, wallet.last_at, operation, { amount: sum(excess) });
    charge(wallet, debited, operation, wallet.last_at);
  }
  if (!goesOn && left > 0n) giveBack(wallet, found, now);
  return seq;
}

export function release(wallet: NaiveWallet, command: Release, now: bigint): bigint | Refusal {
  const found = openHold(wallet, command.hold_id);
  return 'code' in found ? found : giveBack(wallet, found, now);
}

export function giveBack(wallet: NaiveWallet, one: NaiveHold, now: bigint): bigint {
  const legs: NaiveEntry['legs'] = [];
  for (const part of one.parts) {
    const amount = leftOf(part);
    if (amount === 0n) continue;
    part.released += amount;
    const to = isOver(lotOf(wallet, part.lot), now) ? 'expired' : 'available';
    legs.push(leg(part.lot, 'held', to, amount));
  }
  unuse(wallet, now, one.created_at, one.operation, { amount: sum(legs) });
  close(wallet, one, now);
  return write(wallet, now, 'release', sum(legs), legs, one.entry_seq);
}

/** What is left of the quantity is not used. */
function close(wallet: NaiveWallet, one: NaiveHold, now: bigint): void {
  unuse(wallet, now, one.created_at, one.operation, { quantity: one.quantity });
  one.quantity = 0n;
  one.open = false;
}

export function refund(wallet: NaiveWallet, command: Refund, now: bigint): bigint | Refusal {
  const found = wallet.charges.find((one) => one.seq === command.entry_seq);
  if (found === undefined) return { code: 'charge_unknown' };
  const refundable = found.parts.reduce((left, part) => left + part.left, 0n);
  const amount = command.amount_micro ?? refundable;
  if (amount < 1n || amount > refundable) return { code: 'refund_above_charge', refundable };
  let missing = amount;
  const legs: NaiveEntry['legs'] = [];
  for (let index = found.parts.length - 1; index >= 0; index--) {
    const part = found.parts[index];
    if (part === undefined) continue;
    const back = least(part.left, missing);
    if (back === 0n) continue;
    part.left -= back;
    missing -= back;
    legs.push(...(part.lot === 0 ? oweLess(wallet, back) : backToLot(wallet, part.lot, back, now)));
  }
  unuse(wallet, now, found.used_at, found.operation, { amount });
  return write(wallet, now, 'refund', amount, legs, found.seq);
}

/** What was owed is owed no more; what was repaid since comes back as a lot. */
export function oweLess(
  wallet: NaiveWallet,
  amount: bigint,
  from: 'consumed' | 'removed' = 'consumed',
): NaiveEntry['legs'] {
  const owed = least(wallet.debt, amount);
  const legs = owed > 0n ? [leg(0, from, 'debt', owed)] : [];
  if (amount === owed) return legs;
  const lot = addLot(wallet, 30, null, null, amount - owed);
  return [...legs, leg(lot.number, 'outside', 'available', amount - owed)];
}

/** To the lot itself; where it is over, as expired or as a new lot that lasts a little. */
export function backToLot(
  wallet: NaiveWallet,
  number: number,
  amount: bigint,
  now: bigint,
  from: 'consumed' | 'removed' = 'consumed',
): NaiveEntry['legs'] {
  const lot = lotOf(wallet, number);
  if (!isOver(lot, now)) return [leg(number, from, 'available', amount)];
  const { refund_to_expired_lot, grace_seconds } = wallet.policies;
  if (refund_to_expired_lot === 'expire') return [leg(number, from, 'expired', amount)];
  const until = now + seconds(BigInt(grace_seconds));
  const fresh = addLot(wallet, lot.priority, until, lot.operations, amount);
  const granted = leg(fresh.number, 'outside', 'available', amount);
  return from === 'removed' ? [granted] : [leg(number, 'consumed', 'removed', amount), granted];
}

function priceNow(
  wallet: NaiveWallet,
  command: Pick<Capture, 'rule' | 'quantity'> & { operation: string },
  now: bigint,
): bigint {
  const before = usedIn(wallet, command.operation, nextAt(wallet, now));
  return naivePrice(command.rule, command.quantity, before.quantity);
}

/** Quantities are remembered for tiers only. */
function inTiers({ rule }: Pick<Capture, 'rule'>, quantity: bigint): bigint {
  return rule.components.some(({ tiers }) => tiers !== undefined) ? quantity : 0n;
}

const differing = (price: bigint, paid: bigint): bigint | null => (price === paid ? null : price);
