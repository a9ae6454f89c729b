import type { AlertSettings } from './alerts.ts';
import { least } from './credits.ts';

export const MARK_NAMES = ['low', 'mark', 'critical', 'empty'] as const;
export type MarkName = (typeof MARK_NAMES)[number];

/** An amount below which somebody is told, once until what is available has come well above it. */
export interface BalanceMark {
  name: MarkName;
  below_micro: bigint;
  /** From here on it is over. Above the mark, so that going to and fro around it is one alert. */
  over_from_micro: bigint;
}

export interface LookedAt {
  available_micro: bigint;
  /** What was bought last, the measure of percents; 0 when nothing ever came. */
  granted_last_micro: bigint;
  unlimited: boolean;
}

export interface BalanceNews {
  /** Those that what is available is below now and was not known to be, the most severe first. */
  raised: readonly BalanceMark[];
  /** Whether the first of them is worse than all that is known already: people are told of it. */
  isWorse: boolean;
  ended: readonly MarkName[];
  /** What was below some mark is above all of them again. */
  isRecovered: boolean;
  /** Between these amounts nothing changes of all this, and nobody has to look. */
  watch_below: bigint | null;
  watch_above: bigint | null;
}

/**
 * What the balance of a wallet means to whoever is alerted of it.
 * @param lasting the marks that it was below when it was looked at last
 */
export function balanceNews(
  wallet: LookedAt,
  settings: AlertSettings,
  lasting: readonly MarkName[],
): BalanceNews {
  const { available_micro: available } = wallet;
  const marks = marksOf(wallet, settings);
  const isStill = (mark: BalanceMark): boolean =>
    lasting.includes(mark.name) && available < mark.over_from_micro;
  const raised = marks.filter(
    (mark) => available < mark.below_micro && !lasting.includes(mark.name),
  );
  const still = marks.filter(isStill);
  const below = [...still, ...raised];
  const above = marks.filter((mark) => !below.includes(mark));
  const ended = lasting.filter((name) => !still.some((mark) => mark.name === name));
  const [worst] = raised;
  return {
    raised,
    isWorse: worst !== undefined && still.every((mark) => worst.below_micro < mark.below_micro),
    ended,
    isRecovered: below.length === 0 && ended.some((name) => marks.some((m) => m.name === name)),
    watch_below: greatest(above.map((mark) => mark.below_micro)),
    watch_above: smallest(below.map((mark) => mark.over_from_micro)),
  };
}

/** The marks of a wallet, the most severe first. One that has never had credits has none. */
function marksOf(wallet: LookedAt, settings: AlertSettings): BalanceMark[] {
  const { granted_last_micro: granted, unlimited } = wallet;
  if (unlimited || granted === 0n) return [];
  const { low_percent, critical_percent, mark_micro } = settings;
  const share = (name: MarkName, percent: number | null): BalanceMark[] => {
    if (percent === null) return [];
    const below_micro = divideUp(granted * BigInt(percent), 100n);
    // What was bought last is always enough.
    return [{ name, below_micro, over_from_micro: least(aQuarterAbove(below_micro), granted) }];
  };
  const own: BalanceMark[] =
    mark_micro === null
      ? []
      : [{ name: 'mark', below_micro: mark_micro, over_from_micro: aQuarterAbove(mark_micro) }];
  const empty: BalanceMark = {
    name: 'empty',
    below_micro: 1n,
    over_from_micro: divideUp(granted, 100n),
  };
  return [empty, ...share('critical', critical_percent), ...share('low', low_percent), ...own].sort(
    (one, other) => (one.below_micro < other.below_micro ? -1 : 1),
  );
}

function aQuarterAbove(micro: bigint): bigint {
  return divideUp(micro * 5n, 4n);
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function greatest(amounts: readonly bigint[]): bigint | null {
  return amounts.reduce<bigint | null>(
    (most, one) => (most === null || one > most ? one : most),
    null,
  );
}

function smallest(amounts: readonly bigint[]): bigint | null {
  const [first, ...others] = amounts;
  return first === undefined ? null : least(first, ...others);
}
