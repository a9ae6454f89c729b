import { z } from 'zod';

const pairs = z.record(z.string().max(40), z.string().max(500));

/** Pairs of an update: an empty value takes its key away, an empty parameter takes all away. */
export const metadataChange = z.preprocess(
  // A form cannot tell `{ '0': 'a' }` from `['a']`.
  (raw) => (Array.isArray(raw) ? Object.fromEntries(raw.entries()) : raw),
  z.union([z.literal(''), pairs]),
);

/** The metadata after an update; what it does not name stays. */
export function withChanges(
  metadata: Readonly<Record<string, string>>,
  change: z.output<typeof metadataChange> | undefined,
): Record<string, string> {
  if (change === undefined) return { ...metadata };
  if (change === '') return {};
  const changed = Object.entries({ ...metadata, ...change });
  return Object.fromEntries(changed.filter(([, value]) => value !== ''));
}
