import type { Clawback, Refusal, Reinstatement, WriteOff } from '../commands.ts';
import { least } from '../credits.ts';
import type { Draft } from '../draft.ts';
import { type Lot, isExpired } from '../lots.ts';
import type { Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { legsToDebt, legsToLot } from './returns.ts';

/**
 * Takes back what was granted for a payment that was reversed. What the lot still has is removed
 * from it: first what could be spent, then what has expired unspent. The rest is gone from the lot,
 * spent or sent on, or is held and stays capturable until the hold's deadline: the wallet owes it.
 * Where the wallet's policy is `write_off`, a second entry takes this debt back at once.
 *
 * So each clawback lowers the balance by its amount, less what had expired, whatever had become of
 * the credits; and all clawbacks of a lot together are never more than was granted.
 */
export function clawback(draft: Draft, command: Clawback): Entry | Refusal {
  const amount = command.amount_micro;
  const lot = draft.lots.find((one) => one.number === command.lot);
  if (lot === undefined) return { code: 'lot_unknown' };
  const left = lot.granted - clawedBack(draft, lot);
  if (amount > left) return { code: 'clawback_above_lot', left };
  const legs = removal(lot, amount);
  const owed = amount - legs.reduce((sum, leg) => sum + leg.amount, 0n);
  if (owed > 0n) legs.push({ lot: 0, from: 'debt', to: 'removed', amount: owed });
  const entry = draft.write({
    ...asAsked(command),
    kind: 'clawback',
    amount,
    legs,
    parent_seq: lot.entry_seq,
    payment_id: lot.payment_id,
  });
  const writtenOff = draft.wallet.reversal === 'write_off' ? owed : 0n;
  const { seq, at } = entry;
  draft.replaceClawback({ seq, at, lot: lot.number, amount, owed, returned: writtenOff });
  noteClawedBack(draft, lot, amount);
  if (writtenOff > 0n) draft.follow(entry, 'write_off', writtenOff, [forgiven(writtenOff)]);
  return entry;
}

/**
 * Gives back what a clawback took. To the lot comes what was removed from it; as expired what had
 * expired before the clawback, and by the policy for refunds what would have expired since. The debt
 * that it made is taken back as far as it is still owed, and comes as a new lot as far as it was
 * repaid. Debt that the policy wrote off at once is not given back a second time.
 */
export function reinstate(draft: Draft, command: Reinstatement): Entry | Refusal {
  const taken = draft.clawbacks.find((one) => one.seq === command.entry_seq);
  if (taken === undefined) return { code: 'clawback_unknown' };
  const amount = taken.amount - taken.returned;
  if (amount === 0n) return { code: 'nothing_to_reinstate' };
  const lot = draft.lotOf(taken.lot);
  const removed = taken.amount - taken.owed;
  const legs =
    removed > 0n && isExpired(lot, taken.at)
      ? [{ lot: lot.number, from: 'removed', to: 'expired', amount: removed } as const]
      : legsToLot(draft, lot.number, removed, 'removed');
  const entry = draft.write({
    ...asAsked(command),
    kind: 'reinstatement',
    amount,
    legs: [...legs, ...legsToDebt(draft, amount - removed, 'removed')],
    parent_seq: taken.seq,
    payment_id: lot.payment_id,
  });
  // A payment may be refunded after its dispute was won: then it can all be clawed back again.
  noteClawedBack(draft, lot, -taken.amount);
  draft.replaceClawback({ ...taken, returned: taken.amount });
  return entry;
}

/** Forgives debt, all of it or a part: it is paid from outside. The reason is in the details. */
export function writeOff(draft: Draft, command: WriteOff): Entry | Refusal {
  const { debt } = draft.wallet;
  const amount = command.amount_micro ?? debt;
  if (amount === 0n || amount > debt) return { code: 'write_off_above_debt', debt };
  return draft.write({ ...asAsked(command), kind: 'write_off', amount, legs: [forgiven(amount)] });
}

function forgiven(amount: bigint): Leg {
  return { lot: 0, from: 'outside', to: 'debt', amount };
}

/** What can be taken out of the lot itself, up to an amount. */
function removal(lot: Lot, amount: bigint): Leg[] {
  const legs: Leg[] = [];
  let missing = amount;
  for (const from of ['available', 'expired'] as const) {
    const part = least(lot[from], missing);
    if (part > 0n) legs.push({ lot: lot.number, from, to: 'removed', amount: part });
    missing -= part;
  }
  return legs;
}

/** How much of the lot was clawed back, less what was reinstated. */
function clawedBack(draft: Draft, lot: Lot): bigint {
  return draft.clawedLots.find((one) => one.lot === lot.number)?.clawed_back ?? 0n;
}

function noteClawedBack(draft: Draft, lot: Lot, change: bigint): void {
  const { number, entry_seq, granted } = lot;
  const clawed_back = clawedBack(draft, lot) + change;
  draft.replaceClawedLot({ lot: number, entry_seq, granted, clawed_back });
}
