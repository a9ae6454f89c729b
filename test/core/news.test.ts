import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { newsOf } from '../../src/core/news.ts';
import { aDebit, aGrant, aLot, aWallet } from '../support/wallet-states.ts';

describe('news of entries', () => {
  const newsAfter = (...[state, command, now]: Parameters<typeof decide>): string[] => {
    const decided = decide(state, command, now);
    if (decided.outcome === 'refused') throw new Error(decided.refusal.code);
    return decided.entries.flatMap((entry) => newsOf(entry, decided.state.lots));
  };

  test('there are none of usage', () => {
    expect(newsAfter(aWallet([aLot(1, 10n)]), aDebit(1n), 200n)).toEqual([]);
  });

  test('credits that come are bought or granted; the debt that they repay is no news', () => {
    const owing = aWallet([], { debt: 3_000_000n });
    expect(newsAfter(owing, aGrant(5n, { source: 'purchase' }), 200n)).toEqual(['purchased']);
    expect(newsAfter(owing, aGrant(5n, { source: 'bonus' }), 200n)).toEqual(['granted']);
  });

  test('what ran out is told by whichever command found it', () => {
    const state = aWallet([aLot(1, 10n, { expires_at: 150n }), aLot(2, 10n)]);
    expect(newsAfter(state, aDebit(1n), 200n)).toEqual(['expired']);
  });
});
