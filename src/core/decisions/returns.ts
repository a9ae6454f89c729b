import { least } from '../credits.ts';
import type { Draft } from '../draft.ts';
import { MICROSECONDS_PER_SECOND } from '../instant.ts';
import { isExpired } from '../lots.ts';
import type { Leg } from '../wallet.ts';

/** Where that which comes back was: spent, or taken away. */
type Gone = 'consumed' | 'removed';

/**
 * The legs that give a lot back what it had: to be spent again, or, where the lot has expired
 * meanwhile, as expired or as a new lot with a time of grace, as the wallet's policy says.
 */
export function legsToLot(draft: Draft, number: number, amount: bigint, from: Gone): Leg[] {
  if (amount === 0n) return [];
  const lot = draft.lotOf(number);
  if (!isExpired(lot, draft.now)) return [{ lot: number, from, to: 'available', amount }];
  if (draft.wallet.refund_to_expired_lot === 'expire') {
    return [{ lot: number, from, to: 'expired', amount }];
  }
  const grace = BigInt(draft.wallet.grace_seconds) * MICROSECONDS_PER_SECOND;
  const successor = draft.addLot({
    ...lot,
    granted: amount,
    cost_minor: 0n,
    expires_at: draft.now + grace,
  });
  const granted: Leg = { lot: successor, from: 'outside', to: 'available', amount };
  return from === 'removed' ? [granted] : [{ lot: number, from, to: 'removed', amount }, granted];
}

/**
 * The legs that take back what an entry added to the debt. As far as it is still owed it is owed no
 * more. The rest was repaid since, and the credits that repaid it come back as a new lot. Debt is
 * one sum, so nobody can say which lots those were: the new one never expires and burns last, by
 * which nobody loses anything.
 */
export function legsToDebt(draft: Draft, amount: bigint, from: Gone): Leg[] {
  const { debt } = draft.wallet;
  const owed = least(debt, amount);
  const legs: Leg[] = owed > 0n ? [{ lot: 0, from, to: 'debt', amount: owed }] : [];
  const repaid = amount - owed;
  if (repaid === 0n) return legs;
  const lot = draft.addLot({
    source: 'adjustment',
    priority: 30,
    expires_at: null,
    granted: repaid,
    cost_minor: 0n,
    currency: null,
    payment_id: null,
    subscription_id: null,
    operations: null,
  });
  return [...legs, { lot, from: 'outside', to: 'available', amount: repaid }];
}
