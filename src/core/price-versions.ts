import type { Instant } from './instant.ts';
import type { PriceRule } from './price-rules.ts';

/** For whom a price is, the nearest first: one customer, those of a plan, everybody. */
export const PRICE_SCOPES = ['customer', 'plan', 'general'] as const;
export type PriceScope = (typeof PRICE_SCOPES)[number];

/** One version of a price, and from when it holds. Without components the price ends then. */
export interface PriceVersion extends PriceRule {
  scope: PriceScope;
  valid_from: Instant;
}

/** The version of one scope that holds at a moment: the last to begin, of two the later made. */
function newestOf(versions: readonly PriceVersion[], at: Instant): PriceVersion | undefined {
  return versions
    .filter(({ valid_from }) => valid_from <= at)
    .reduce<PriceVersion | undefined>(
      (newest, one) => (newest === undefined || isNewer(one, newest) ? one : newest),
      undefined,
    );
}

function isNewer(one: PriceVersion, other: PriceVersion): boolean {
  if (one.valid_from !== other.valid_from) return one.valid_from > other.valid_from;
  return one.version > other.version;
}

/**
 * By which price an operation is charged at a moment: the customer's own, else its plan's, else the
 * general one; undefined when there is none, or each has ended.
 */
export function priceAt(versions: readonly PriceVersion[], at: Instant): PriceVersion | undefined {
  for (const scope of PRICE_SCOPES) {
    const newest = newestOf(
      versions.filter((one) => one.scope === scope),
      at,
    );
    if (newest !== undefined && newest.components.length > 0) return newest;
  }
  return undefined;
}

/** What is to come after a moment: each time at which another price begins, with that price. */
export function pricesAfter(
  versions: readonly PriceVersion[],
  at: Instant,
): { valid_from: Instant; price: PriceVersion | undefined }[] {
  const moments = [...new Set(versions.map(({ valid_from }) => valid_from))]
    .filter((moment) => moment > at)
    .sort((one, other) => (one < other ? -1 : 1));
  let before = priceAt(versions, at);
  return moments.flatMap((valid_from) => {
    const price = priceAt(versions, valid_from);
    const isSame = price?.id === before?.id;
    before = price;
    return isSame ? [] : [{ valid_from, price }];
  });
}
