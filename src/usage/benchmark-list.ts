import { z } from 'zod';
import type { Benchmark } from '../core/benchmarks.ts';
import { parseCredits } from '../core/credits.ts';
import type { CatalogueItem, ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';

export interface ListedBenchmark extends Benchmark {
  position: number;
}

/** What others in the industry have, at the moment. */
export async function benchmarksNow(read: ReadCatalogue): Promise<Benchmark[]> {
  return (await read('benchmark'))
    .map(({ content }) => benchmarkIn(content))
    .sort((one, other) => one.position - other.position);
}

const Content = z.object({
  measure: z.enum(['credits_per_day', 'credits_per_charge', 'share_percent']),
  operation: z.string().optional(),
  label: z.string(),
  value: z.string().refine((text) => parseCredits(text) !== undefined),
  source: z.string(),
  position: z.int(),
});

/** A benchmark from what is stored, which is as it is. */
export function benchmarkIn(content: unknown): ListedBenchmark {
  const { operation, ...benchmark } = Content.parse(content);
  return { ...benchmark, ...(operation !== undefined && { operation }) };
}

export function toldBenchmark({ active, content }: CatalogueItem): Told {
  const { operation = '', position, ...benchmark } = benchmarkIn(content);
  return {
    ...benchmark,
    operation,
    position: String(position),
    active: active ? 'yes' : 'no',
  };
}
