import { describe, expect, test } from 'vitest';
import type { Capture, HoldCredits } from '../../../src/core/commands.ts';
import { decide } from '../../../src/core/decide.ts';
import { ONE_UNIT } from '../../../src/core/price-rules.ts';
import type { WalletState } from '../../../src/core/wallet.ts';
import { CREDIT, WALLET, aDebit, aLot, aRule, aWallet } from '../../support/wallet-states.ts';

const HOLD = '01990000-0000-7000-8000-00000000000b';

const aHold = (units: bigint): HoldCredits => {
  return { ...aDebit(units), kind: 'hold', hold_id: HOLD, ttl_seconds: 60 };
};
const aCapture = (units: bigint): Capture => ({
  kind: 'capture',
  wallet_id: WALLET,
  hold_id: HOLD,
  quantity: units * ONE_UNIT,
  rule: aRule(),
  key: { namespace: 'test', key: 'capture' },
  asked: { actor_kind: 'job' },
});

/** The wallet after a hold, with something about it changed since. */
function held(state: WalletState, units: bigint, since: Partial<WalletState['wallet']>) {
  const decision = decide(state, aHold(units), 1_000n);
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.code}`);
  return { ...decision.state, wallet: { ...decision.state.wallet, ...since } };
}

describe('a wallet that is unlimited for a part of the work', () => {
  test('work that began while it was unlimited is recorded and costs nothing when it is not any more', () => {
    const state = held(aWallet([aLot(1, 5n)], { unlimited: 'plan' }), 3n, { unlimited: null });
    const decision = decide(state, aCapture(4n), 2_000n);
    expect(decision).toMatchObject({
      outcome: 'decided',
      own: { kind: 'capture', amount: 0n, list_amount: 4n * CREDIT, waiver: 'plan', legs: [] },
      state: { wallet: { available: 5n * CREDIT } },
    });
  });

  test('work that began before it was unlimited costs nothing either, and what was held comes back', () => {
    const state = held(aWallet([aLot(1, 5n)]), 3n, { unlimited: 'contract' });
    const decision = decide(state, aCapture(4n), 2_000n);
    if (decision.outcome === 'refused') throw new Error('refused');
    expect(decision.entries.map((entry) => [entry.kind, entry.amount, entry.waiver])).toEqual([
      ['capture', 0n, 'contract'],
      ['release', 3n * CREDIT, null],
    ]);
    expect(decision.state.wallet).toMatchObject({ available: 5n * CREDIT, held: 0n });
  });

  test('a hold of something free is not one of an unlimited wallet', () => {
    const free = { ...aHold(3n), rule: aRule({ price_pico: 0n }) };
    const decision = decide(aWallet([aLot(1, 5n)]), free, 1_000n);
    if (decision.outcome === 'refused') throw new Error('refused');
    expect(decide(decision.state, aCapture(1n), 2_000n)).toMatchObject({
      refusal: { code: 'capture_above_hold' },
    });
  });
});
