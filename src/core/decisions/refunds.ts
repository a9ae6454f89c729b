import type { Refund, Refusal } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { MICROSECONDS_PER_SECOND } from '../instant.ts';
import { isExpired } from '../lots.ts';
import type { Charge, Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';

/**
 * Gives credits back to the lots that they came from, the last burnt first, and never more than was
 * taken. What was owed for is owed no more. To a lot that has expired they come as expired, or as a
 * new lot with a time of grace, as the wallet's policy says.
 */
export function refund(draft: Draft, command: Refund): Entry | Refusal {
  const charge = draft.charges.find((one) => one.seq === command.entry_seq);
  if (charge === undefined) return { code: 'charge_unknown' };
  const refundable = charge.parts.reduce((sum, part) => sum + part.taken - part.refunded, 0n);
  const amount = command.amount_micro ?? refundable;
  if (amount <= 0n || amount > refundable) return { code: 'refund_above_charge', refundable };
  const returned = partsToReturn(charge, amount);
  draft.replaceCharge({
    ...charge,
    parts: charge.parts.map((part) => {
      const back = returned.find(({ lot }) => lot === part.lot);
      return back === undefined ? part : { ...part, refunded: part.refunded + back.amount };
    }),
  });
  return draft.write({
    ...asAsked(command),
    kind: 'refund',
    amount,
    legs: returned.flatMap((part) => legsBack(draft, part)),
    parent_seq: charge.seq,
  });
}

function partsToReturn(charge: Charge, amount: bigint): { lot: number; amount: bigint }[] {
  const parts: { lot: number; amount: bigint }[] = [];
  let missing = amount;
  for (const part of [...charge.parts].reverse()) {
    const left = part.taken - part.refunded;
    const share = left < missing ? left : missing;
    if (share > 0n) parts.push({ lot: part.lot, amount: share });
    missing -= share;
  }
  return parts;
}

function legsBack(draft: Draft, part: { lot: number; amount: bigint }): Leg[] {
  // The debt may have been repaid since: then the credits that repaid it are owed back.
  if (part.lot === 0) return legsForDebt(draft, part.amount);
  const lot = draft.lotOf(part.lot);
  if (!isExpired(lot, draft.now)) return [{ ...part, from: 'consumed', to: 'available' }];
  if (draft.wallet.refund_to_expired_lot === 'expire') {
    return [{ ...part, from: 'consumed', to: 'expired' }];
  }
  const grace = BigInt(draft.wallet.grace_seconds) * MICROSECONDS_PER_SECOND;
  const number = draft.addLot({
    ...lot,
    granted: part.amount,
    cost_minor: 0n,
    expires_at: draft.now + grace,
  });
  return [
    { ...part, from: 'consumed', to: 'removed' },
    { lot: number, from: 'outside', to: 'available', amount: part.amount },
  ];
}

function legsForDebt(draft: Draft, amount: bigint): Leg[] {
  const { debt } = draft.wallet;
  const owed = debt < amount ? debt : amount;
  const legs: Leg[] = owed > 0n ? [{ lot: 0, from: 'consumed', to: 'debt', amount: owed }] : [];
  if (amount > owed) {
    const number = draft.addLot({
      source: 'adjustment',
      priority: 10,
      expires_at: null,
      granted: amount - owed,
      cost_minor: 0n,
      currency: null,
      payment_id: null,
      operations: null,
    });
    legs.push({ lot: number, from: 'outside', to: 'available', amount: amount - owed });
  }
  return legs;
}
