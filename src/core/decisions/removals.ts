import type { TooFewCredits } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { availableFor, burn } from '../lots.ts';
import type { Leg } from '../wallet.ts';

/**
 * The legs that take credits out of a wallet, from the lots that burn first, whatever operations
 * these are good for; or the refusal. So much as is to be kept stays.
 */
export function legsOut(draft: Draft, required: bigint, kept = 0n): Leg[] | TooFewCredits {
  const lots = draft.lots.map((lot) => ({ ...lot, operations: null }));
  const spare = availableFor(lots, null, draft.now) - kept;
  const available = spare > 0n ? spare : 0n;
  if (available < required) return draft.tooFew(required, available);
  return burn(lots, required, null, draft.now).map((part): Leg => ({
    ...part,
    from: 'available',
    to: 'removed',
  }));
}
