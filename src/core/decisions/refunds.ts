import type { Refund, Refusal } from '../commands.ts';
import { least } from '../credits.ts';
import type { Draft, Written } from '../draft.ts';
import type { Charge, Entry } from '../wallet.ts';
import { asAsked } from './asked.ts';
import { legsToDebt, legsToLot } from './returns.ts';

/** Gives back what was charged, all that is left of it or a part. */
export function refund(draft: Draft, command: Refund): Entry | Refusal {
  const charge = draft.charges.find((one) => one.seq === command.entry_seq);
  if (charge === undefined) return { code: 'charge_unknown' };
  return giveBack(draft, charge, command.amount_micro, asAsked(command));
}

/**
 * Gives credits back to the lots that they came from, the last burnt first, and never more than was
 * taken. What was owed for is owed no more. To a lot that has expired they come as expired, or as a
 * new lot with a time of grace, as the wallet's policy says.
 * @param asked how much; all that is left when undefined
 */
export function giveBack(
  draft: Draft,
  charge: Charge,
  asked: bigint | undefined,
  written: Omit<Written, 'kind' | 'amount' | 'legs'>,
): Entry | Refusal {
  const refundable = charge.parts.reduce((sum, part) => sum + part.taken - part.refunded, 0n);
  const amount = asked ?? refundable;
  if (amount === 0n || amount > refundable) return { code: 'refund_above_charge', refundable };
  const returned = partsToReturn(charge, amount);
  draft.replaceCharge({
    ...charge,
    parts: charge.parts.map((part) => {
      const back = returned.find(({ lot }) => lot === part.lot);
      return back === undefined ? part : { ...part, refunded: part.refunded + back.amount };
    }),
  });
  draft.tally.giveBackAmount(charge, amount, charge.counted_at, draft.nextAt());
  return draft.write({
    ...written,
    kind: 'refund',
    amount,
    legs: returned.flatMap((part) =>
      part.lot === 0
        ? legsToDebt(draft, part.amount, 'consumed')
        : legsToLot(draft, part.lot, part.amount, 'consumed'),
    ),
    parent_seq: charge.seq,
  });
}

function partsToReturn(charge: Charge, amount: bigint): { lot: number; amount: bigint }[] {
  const parts: { lot: number; amount: bigint }[] = [];
  let missing = amount;
  for (const part of [...charge.parts].reverse()) {
    const left = part.taken - part.refunded;
    const share = least(left, missing);
    if (share > 0n) parts.push({ lot: part.lot, amount: share });
    missing -= share;
  }
  return parts;
}
