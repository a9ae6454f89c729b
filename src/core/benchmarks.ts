import { type BurnRate, averageDayOf } from './burn-rates.ts';
import { parseCredits } from './credits.ts';

/** What others in the industry have, as the preset tells it: a figure and where it is from. */
export interface Benchmark {
  measure: 'credits_per_day' | 'credits_per_charge' | 'share_percent';
  /** Of which operation; of `credits_per_day` none. */
  operation?: string;
  /** "Credits for a call" */
  label: string;
  /** A decimal: credits, or per cent. */
  value: string;
  /** "Survey of 212 agencies, 2025" */
  source: string;
}

/** A benchmark beside one's own figure, both in 10^-6; one's own is undefined while it is unknown. */
export interface Compared {
  benchmark: Benchmark;
  theirs_micro: bigint;
  own_micro: bigint | undefined;
}

/** What a wallet used, as benchmarks compare it. */
export interface OwnUse {
  rate: BurnRate | undefined;
  by_operation: ReadonlyMap<string, { spent_micro: bigint; charges: bigint }>;
}

/**
 * Benchmarks beside one's own figures, to the hundredth.
 * @throws Error for a benchmark without a number, which is a bug of the preset's
 */
export function compareWith(benchmarks: readonly Benchmark[], own: OwnUse): Compared[] {
  return benchmarks.map((benchmark) => {
    const theirs_micro = parseCredits(benchmark.value);
    if (theirs_micro === undefined) throw new Error(`${benchmark.label} is no number`);
    return { benchmark, theirs_micro, own_micro: ownOf(benchmark, own) };
  });
}

function ownOf({ measure, operation }: Benchmark, { rate, by_operation }: OwnUse) {
  if (measure === 'credits_per_day') return rate && averageDayOf(rate);
  const use = by_operation.get(operation ?? '');
  if (use === undefined || use.charges === 0n || use.spent_micro < 0n) return undefined;
  if (measure === 'credits_per_charge') return hundredths(use.spent_micro, use.charges);
  const all = [...by_operation.values()].reduce((sum, one) => sum + one.spent_micro, 0n);
  return all <= 0n ? undefined : hundredths(use.spent_micro * 100_000_000n, all);
}

/** A quotient of positive numbers to the hundredth of a million, half of it up. */
function hundredths(dividend: bigint, divisor: bigint): bigint {
  const step = 10_000n * divisor;
  return ((2n * dividend + step) / (2n * step)) * 10_000n;
}
