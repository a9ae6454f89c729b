import { z } from 'zod';

/** What a load generator saw. Requests, or transactions where there are no requests. */
export const Summary = z.object({
  per_second: z.number(),
  /** All that were answered, those before the measuring began too. */
  total: z.number(),
  p50_ms: z.number().optional(),
  p99_ms: z.number().optional(),
});
export type Summary = z.infer<typeof Summary>;

export function summaryOf(
  latencies_ms: readonly number[],
  seconds: number,
  total: number,
): Summary {
  const sorted = Float64Array.from(latencies_ms).sort();
  const quantile = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return {
    per_second: sorted.length / seconds,
    total,
    p50_ms: quantile(0.5),
    p99_ms: quantile(0.99),
  };
}

/** The middle one; of an even number the lower middle, so that it is one that was measured. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** To three significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
