import type { Db } from '../lib/database.ts';
import { type Resealed, counted } from '../lib/secret-box.ts';
import { totpBox } from './security/totp.ts';

/**
 * Encrypts the secrets of one-time codes with the newest key that are of an older one.
 * @param write false: only counts them
 */
export async function resealCodes(
  db: Db,
  keys: readonly string[],
  write = true,
): Promise<Resealed> {
  const box = totpBox(keys);
  const rows = await db.selectFrom('totp_secrets').select(['person_id', 'sealed']).execute();
  const found: ('renewed' | 'unreadable')[] = [];
  for (const { person_id, sealed } of rows) {
    if (!box.isOutdated(sealed, person_id)) continue;
    const secret = box.open(sealed, person_id);
    found.push(secret === undefined ? 'unreadable' : 'renewed');
    if (secret === undefined || !write) continue;
    await db
      .updateTable('totp_secrets')
      .set({ sealed: box.seal(secret, person_id) })
      .where('person_id', '=', person_id)
      .where('sealed', '=', sealed)
      .execute();
  }
  return counted(found);
}
