import type { Lot } from './lots.ts';
import type { Entry, Leg } from './wallet.ts';

/** Something that an entry means to whoever wants to be told. What it says of it is in the entry. */
export type News = 'purchased' | 'granted' | 'refunded' | 'expired' | 'hold_expired';

/**
 * What there is to tell of an entry: credits that came, and those that went without being used. Of
 * usage nothing is: its caller has the answer, and there is too much of it.
 * @param lots those of the wallet after it
 */
export function newsOf(entry: Entry, lots: readonly Lot[]): News[] {
  switch (entry.kind) {
    case 'grant':
      return [isOf('purchase', entry, lots) ? 'purchased' : 'granted'];
    case 'transfer_in':
      return ['granted'];
    case 'adjustment':
      return entry.legs.some(({ from }) => from === 'outside') ? ['granted'] : [];
    case 'refund':
      return ['refunded', ...expiryIn(entry.legs)];
    case 'release':
      return [
        ...(entry.key.namespace === 'due' ? (['hold_expired'] as const) : []),
        ...expiryIn(entry.legs),
      ];
    case 'expiry':
      return ['expired'];
    default:
      return [];
  }
}

function isOf(source: Lot['source'], entry: Entry, lots: readonly Lot[]): boolean {
  return lots.some((lot) => lot.entry_seq === entry.seq && lot.source === source);
}

/** What comes back to a lot that has expired meanwhile expires at once, in the same entry. */
function expiryIn(legs: readonly Leg[]): News[] {
  return legs.some(({ to }) => to === 'expired') ? ['expired'] : [];
}
