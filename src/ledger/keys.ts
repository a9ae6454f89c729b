import { createHash } from 'node:crypto';
import type { IdempotencyKey } from '../core/wallet.ts';

/** What the database's unique constraint holds of a key: short, and the same for ever. */
export function keyHash(key: IdempotencyKey): string {
  return hash128(`${key.namespace}\0${key.key}`);
}

export function contentHash(content: string): string {
  return hash128(content);
}

/** The first 128 bits of SHA-256, in the form that PostgreSQL's uuid type reads and prints. */
function hash128(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}
