import type { Db } from '../lib/database.ts';
import { type Resealed, SecretBox, counted } from '../lib/secret-box.ts';
import { isPlainSecret } from './signatures.ts';

/** Where the secrets of endpoints are kept: the database does not know their key. */
export function endpointSecrets(keys: readonly string[]): SecretBox {
  return new SecretBox(keys, 'webhook');
}

/** The secret as it signs; undefined when no key that is known opens it. Older ones stand plain. */
export function openedSecret(box: SecretBox, stored: string, endpointId: string) {
  return box.open(stored, endpointId) ?? (isPlainSecret(stored) ? stored : undefined);
}

/**
 * Encrypts with the newest key what stands plain or is of an older one.
 * @param db as the ledger, which sees all endpoints
 * @param write false: only counts them
 */
export async function resealEndpoints(db: Db, box: SecretBox, write = true): Promise<Resealed> {
  const rows = await db
    .selectFrom('webhook_endpoints')
    .select(['id', 'secret', 'previous_secret'])
    .execute();
  const found: ('renewed' | 'unreadable')[] = [];
  for (const { id, ...secrets } of rows) {
    for (const column of ['secret', 'previous_secret'] as const) {
      const stored = secrets[column];
      if (stored === null || !box.isOutdated(stored, id)) continue;
      const secret = openedSecret(box, stored, id);
      found.push(secret === undefined ? 'unreadable' : 'renewed');
      if (secret === undefined || !write) continue;
      // What was exchanged meanwhile is new already.
      await db
        .updateTable('webhook_endpoints')
        .set({ [column]: box.seal(secret, id) })
        .where('id', '=', id)
        .where(column, '=', stored)
        .execute();
    }
  }
  return counted(found);
}
