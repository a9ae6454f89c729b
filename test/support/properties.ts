import type fc from 'fast-check';

/**
 * How often a property is tried: as often as fits into a run of all tests, or as PROPERTY_RUNS says.
 * A failure names its seed, which PROPERTY_SEED tries again.
 */
export function tries<Values>(usual: number): fc.Parameters<Values> {
  const seed = process.env['PROPERTY_SEED'];
  return {
    numRuns: Number(process.env['PROPERTY_RUNS'] ?? usual),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}
