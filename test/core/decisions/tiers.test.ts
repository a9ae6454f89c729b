import { describe, expect, test } from 'vitest';
import { ONE_UNIT } from '../../../src/core/price-rules.ts';
import {
  MIDNIGHT,
  aCapture,
  aHold,
  after,
  counted,
  decided,
  limited,
} from '../../support/limited-wallets.ts';
import { CREDIT, aDebit, aRule } from '../../support/wallet-states.ts';

describe('tiers', () => {
  /** Three units included a day, then one credit each. */
  const bands = [{ up_to: 3n * ONE_UNIT, price_pico: 0n }];
  const rule = aRule({ tiers: { period: 'day', mode: 'graduated', bands } });
  const wallet = limited([]);

  test('begin anew with each window', () => {
    const used = after(wallet, [aDebit(2n, { rule })]);
    expect(decided(used, aDebit(2n, { rule })).own?.amount).toBe(CREDIT);
    expect(decided(used, aDebit(2n, { rule }), MIDNIGHT).own?.amount).toBe(0n);
    expect(counted(used)).toEqual([['operation:work', 'day', 0n, 2n]]);
  });

  test('are used by what is waived', () => {
    const unlimited = limited([], { unlimited: 'plan' });
    const used = after(unlimited, [aDebit(3n, { rule })]);
    expect(decided(used, aDebit(1n, { rule })).own).toMatchObject({ list_amount: CREDIT });
  });

  test('count nothing where neither a tier nor a budget asks', () => {
    expect(after(wallet, [aDebit(1n), aHold(2n), aCapture(1n)]).counters).toEqual([]);
  });

  test('price a capture from where its hold began, and give back what was not used', () => {
    const held = after(wallet, [aDebit(1n, { rule }), aHold(4n, { rule })]);
    expect(held.wallet.held).toBe(2n * CREDIT);
    const { own, state } = decided(held, aCapture(3n, { rule }));
    expect(own?.amount).toBe(CREDIT);
    expect(counted(state)).toEqual([['operation:work', 'day', 0n, 4n]]);
  });

  test('price captures in parts like one of the whole', () => {
    const held = after(wallet, [aDebit(1n, { rule }), aHold(4n, { rule })]);
    const first = decided(held, aCapture(3n, { rule, more_to_follow: true }));
    const last = decided(first.state, aCapture(1n, { rule }));
    expect([first.own?.amount, last.own?.amount]).toEqual([CREDIT, CREDIT]);
    expect(counted(last.state)).toEqual([['operation:work', 'day', 0n, 5n]]);
  });

  test('count a capture in the window of its hold, and what is above it now', () => {
    const policies = { capture_above_hold: 'debit', hold_max_seconds: 86_400 } as const;
    const held = after(limited([], policies), [aHold(4n, { rule, ttl_seconds: 86_400 })]);
    const { own, state } = decided(held, aCapture(6n, { rule }), MIDNIGHT);
    expect(own).toMatchObject({ amount: CREDIT, list_amount: 3n * CREDIT });
    expect(counted(state)).toEqual([
      ['operation:work', 'day', 0n, 4n],
      ['operation:work', 'day', 0n, 2n],
    ]);
  });
});
