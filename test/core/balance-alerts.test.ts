import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertSettings } from '../../src/core/alerts.ts';
import { type LookedAt, type MarkName, balanceNews } from '../../src/core/balance-alerts.ts';

const wallet = (available: bigint, more: Partial<LookedAt> = {}): LookedAt => ({
  available_micro: available,
  granted_last_micro: 100n,
  unlimited: false,
  ...more,
});
const SETTINGS: AlertSettings = {
  ...{ low_percent: 20, critical_percent: 5, mark_micro: null },
  ...{ run_out_days: 7, expiry_days: [], spikes: true },
};
const look = (
  available: bigint,
  lasting: readonly MarkName[] = [],
  settings: Partial<AlertSettings> = {},
  more: Partial<LookedAt> = {},
) => balanceNews(wallet(available, more), { ...SETTINGS, ...settings }, lasting);
const raised = (news: ReturnType<typeof balanceNews>): MarkName[] =>
  news.raised.map(({ name }) => name);

describe('R6: what a balance means to whoever is alerted of it', () => {
  test('a fifth of what was bought last is enough, less is low, and is told once', () => {
    expect(look(20n)).toMatchObject({ raised: [], watch_below: 20n, watch_above: null });
    expect(look(19n)).toMatchObject({
      raised: [{ name: 'low', below_micro: 20n }],
      isWorse: true,
      ...{ watch_below: 5n, watch_above: 25n },
    });
    expect(raised(look(18n, ['low']))).toEqual([]);
  });

  test('going to and fro around a mark is one alert, until a quarter more than it is there', () => {
    for (const available of [19n, 20n, 24n]) {
      expect(look(available, ['low'])).toMatchObject({ raised: [], ended: [], isRecovered: false });
    }
    expect(look(25n, ['low'])).toMatchObject({ ended: ['low'], isRecovered: true });
  });

  test('what falls through several marks at once is told by the worst', () => {
    const news = look(0n);
    expect(raised(news)).toEqual(['empty', 'critical', 'low']);
    expect(news).toMatchObject({ isWorse: true, watch_below: null, watch_above: 1n });
    const less = look(4n, ['critical'], { mark_micro: 50n });
    expect([raised(less), less.isWorse]).toEqual([['low', 'mark'], false]);
  });

  test('there are enough credits again only when all marks are passed', () => {
    expect(look(10n, ['critical', 'low'])).toMatchObject({
      ended: ['critical'],
      isRecovered: false,
    });
    expect(look(100n, ['critical', 'low'])).toMatchObject({ isRecovered: true, watch_above: null });
  });

  test('another purchase is another measure', () => {
    expect(raised(look(60n, [], {}, { granted_last_micro: 500n }))).toEqual(['low']);
    expect(look(60n, ['low'], {}, { granted_last_micro: 50n }).isRecovered).toBe(true);
  });

  test('a mark that nobody wants any more ends without a word', () => {
    const news = look(19n, ['low'], { low_percent: null });
    expect(news).toMatchObject({ ended: ['low'], isRecovered: false, raised: [] });
  });

  test('a wallet that never had credits, or spends for nothing, is left alone', () => {
    expect(look(0n, [], {}, { granted_last_micro: 0n }).raised).toEqual([]);
    expect(look(0n, ['low'], {}, { unlimited: true })).toMatchObject({
      ...{ raised: [], ended: ['low'], isRecovered: false, watch_below: null, watch_above: null },
    });
  });

  test('nothing is new between the amounts that it watches, and something is known outside', () => {
    const amount = fc.bigInt(0n, 200n);
    const percent = fc.option(fc.integer({ min: 1, max: 100 }), { nil: null });
    fc.assert(
      fc.property(
        fc.record({ low_percent: percent, critical_percent: percent }),
        fc.option(fc.bigInt(1n, 150n), { nil: null }),
        fc.array(amount, { minLength: 1, maxLength: 12 }),
        (percents, mark_micro, amounts) => {
          let lasting: MarkName[] = [];
          let watched: { watch_below: bigint | null; watch_above: bigint | null } | undefined;
          for (const available of amounts) {
            const news = look(available, lasting, { ...percents, mark_micro });
            const { watch_below = null, watch_above = null } = watched ?? {};
            const isWithin =
              watched !== undefined &&
              (watch_below === null || available >= watch_below) &&
              (watch_above === null || available < watch_above);
            if (isWithin) expect([...news.raised, ...news.ended]).toEqual([]);
            lasting = [...lasting.filter((name) => !news.ended.includes(name)), ...raised(news)];
            if (news.watch_below !== null) expect(news.watch_below).toBeLessThanOrEqual(available);
            if (news.watch_above !== null) expect(news.watch_above).toBeGreaterThan(available);
            watched = news;
          }
        },
      ),
    );
  });
});
