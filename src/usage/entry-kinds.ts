import type { LotSource } from '../core/lots.ts';
import type { EntryKind } from '../core/wallet.ts';

/** What people call the entries of a kind; grants go by where their credits came from. */
export const SHOWN_KINDS = {
  usage: 'Usage',
  purchase: 'Purchase',
  plan: 'Plan',
  bonus: 'Bonus',
  refund: 'Refund',
  adjustment: 'Adjustment',
  hold: 'Hold',
  expiry: 'Expiry',
  reversal: 'Reversed payment',
  transfer: 'Transfer',
  debt: 'Debt',
} as const;
export type ShownKind = keyof typeof SHOWN_KINDS;

const BY_SOURCE: Record<LotSource, ShownKind> = {
  purchase: 'purchase',
  bonus: 'bonus',
  plan: 'plan',
  rollover: 'plan',
  welcome: 'bonus',
  reward: 'bonus',
  promo: 'bonus',
  adjustment: 'adjustment',
  transfer: 'transfer',
  import: 'adjustment',
};

const BY_KIND: Record<Exclude<EntryKind, 'grant'>, ShownKind> = {
  debit: 'usage',
  capture: 'usage',
  hold: 'hold',
  extension: 'hold',
  release: 'hold',
  refund: 'refund',
  expiry: 'expiry',
  clawback: 'reversal',
  reinstatement: 'reversal',
  adjustment: 'adjustment',
  transfer_out: 'transfer',
  transfer_in: 'transfer',
  repayment: 'debt',
  write_off: 'debt',
};

/** @param source where the credits of a grant came from */
export function shownKindOf(kind: EntryKind, source: LotSource | undefined): ShownKind {
  if (kind !== 'grant') return BY_KIND[kind];
  return source === undefined ? 'bonus' : BY_SOURCE[source];
}
