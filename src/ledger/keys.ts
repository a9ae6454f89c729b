import { hash } from 'node:crypto';
import type { IdempotencyKey } from '../core/wallet.ts';

const hashes = new WeakMap<IdempotencyKey, string>();

/**
 * What the database's unique constraint holds of a key: short, and the same for ever. A key is asked
 * for twice, when it is looked up and when its entry is written.
 */
export function keyHash(key: IdempotencyKey): string {
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const hashed = hash128(`${key.namespace}\0${key.key}`);
  hashes.set(key, hashed);
  return hashed;
}

export function contentHash(content: string): string {
  return hash128(content);
}

/** The first 128 bits of SHA-256, in the form that PostgreSQL's uuid type reads and prints. */
function hash128(text: string): string {
  const hex = hash('sha256', text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
