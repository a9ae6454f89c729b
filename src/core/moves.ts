import type { Bucket, EntryKind } from './wallet.ts';

/** From one bucket to another. */
export type Move = readonly [from: Bucket, to: Bucket];

/** How a kind of entry may move credits. */
interface Moves {
  /** The legs that together come to the entry's amount. */
  amount: readonly Move[];
  /** Legs that put down where those of the amount came from or went, and are not counted again. */
  beside?: readonly Move[];
}

/** Every move that each kind of entry may make, in one place: the checker refuses all others. */
export const MOVES: Record<EntryKind, Moves> = {
  grant: { amount: [['outside', 'available']] },
  debit: {
    amount: [
      ['available', 'consumed'],
      ['debt', 'consumed'],
    ],
  },
  hold: { amount: [['available', 'held']] },
  extension: { amount: [] },
  capture: { amount: [['held', 'consumed']] },
  release: {
    amount: [
      ['held', 'available'],
      ['held', 'expired'],
    ],
  },
  refund: {
    amount: [
      ['consumed', 'available'],
      ['consumed', 'expired'],
      ['consumed', 'debt'],
      ['outside', 'available'],
    ],
    // What comes back as a new lot leaves the old one for good.
    beside: [['consumed', 'removed']],
  },
  expiry: { amount: [['available', 'expired']] },
  adjustment: {
    amount: [
      ['outside', 'available'],
      ['available', 'removed'],
    ],
  },
  repayment: { amount: [['available', 'consumed']], beside: [['consumed', 'debt']] },
  clawback: {
    amount: [
      ['available', 'removed'],
      ['expired', 'removed'],
      ['debt', 'removed'],
    ],
  },
  reinstatement: {
    amount: [
      ['removed', 'available'],
      ['removed', 'expired'],
      ['removed', 'debt'],
      ['outside', 'available'],
    ],
  },
  transfer_out: { amount: [['available', 'removed']] },
  transfer_in: { amount: [['outside', 'available']] },
  write_off: { amount: [['outside', 'debt']] },
};
