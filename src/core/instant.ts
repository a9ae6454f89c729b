/**
 * A moment in microseconds since 1970 UTC, as exact as PostgreSQL keeps it: two entries of one
 * wallet can be a microsecond apart, which a Date would lose.
 */
export type Instant = bigint;

export const MICROSECONDS_PER_SECOND = 1_000_000n;

export function instantOf(date: Date): Instant {
  return BigInt(date.getTime()) * 1_000n;
}
