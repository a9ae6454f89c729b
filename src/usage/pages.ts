/** An entry's number from a URL; undefined for what is none. */
export function seqOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value) ? BigInt(value) : undefined;
}
