import type { Debit, Grant } from '../../src/core/commands.ts';
import type { Lot } from '../../src/core/lots.ts';
import { ONE_UNIT, type PriceRule } from '../../src/core/price-rules.ts';
import { NOTHING_NAMED, type WalletState } from '../../src/core/wallet.ts';

export const CREDIT = 1_000_000n;
export const WALLET = '01990000-0000-7000-8000-000000000001';

/** A lot of so many credits, all of them available. */
export function aLot(number: number, credits: bigint, more: Partial<Lot> = {}): Lot {
  return {
    number,
    entry_seq: BigInt(number),
    source: 'purchase',
    priority: 30,
    granted_at: 0n,
    expires_at: null,
    granted: credits * CREDIT,
    available: credits * CREDIT,
    held: 0n,
    consumed: 0n,
    expired: 0n,
    removed: 0n,
    cost_minor: 0n,
    currency: null,
    payment_id: null,
    subscription_id: null,
    operations: null,
    ...more,
  };
}

/** A wallet that holds these lots and has one entry for each. */
export function aWallet(lots: Lot[], more: Partial<WalletState['wallet']> = {}): WalletState {
  return {
    wallet: {
      id: WALLET,
      workspace_id: '01990000-0000-7000-8000-000000000002',
      livemode: true,
      available: lots.reduce((sum, lot) => sum + lot.available, 0n),
      held: 0n,
      debt: 0n,
      last_seq: BigInt(lots.length),
      last_lot: lots.length,
      last_at: 100n,
      next_due_at: null,
      frozen: false,
      unlimited: null,
      overdraft_limit: 0n,
      refund_to_expired_lot: 'expire',
      grace_seconds: 60,
      capture_above_hold: 'refuse',
      reversal: 'debt',
      hold_max_seconds: 3600,
      time_zone: 'UTC',
      alert_below: null,
      alert_above: null,
      watch_below: null,
      watch_above: null,
      has_budgets: false,
      next_hold_at: null,
      ...more,
    },
    ...NOTHING_NAMED,
    lots,
  };
}

/** A rule of one credit a unit, unless it is told otherwise. */
export function aRule(more: Partial<PriceRule['components'][number]> = {}): PriceRule {
  const component = {
    code: 'unit',
    label: 'Unit',
    unit: 'unit',
    charge: 'per_unit',
    price_pico: 10n ** 12n,
    ...more,
  } as const;
  return { id: 'rule', operation: 'work', version: 1, components: [component] };
}

export function aDebit(units: bigint, more: Partial<Debit> = {}): Debit {
  return {
    kind: 'debit',
    wallet_id: WALLET,
    operation: 'work',
    quantity: units * ONE_UNIT,
    rule: aRule(),
    key: { namespace: 'test', key: 'debit' },
    asked: { actor_kind: 'job' },
    ...more,
  };
}

export function aGrant(credits: bigint, more: Partial<Grant> = {}): Grant {
  return {
    kind: 'grant',
    wallet_id: WALLET,
    amount_micro: credits * CREDIT,
    source: 'adjustment',
    expires_at: null,
    key: { namespace: 'test', key: 'grant' },
    asked: { actor_kind: 'job' },
    ...more,
  };
}
