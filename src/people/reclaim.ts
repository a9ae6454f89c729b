import type { Trx } from '../lib/database.ts';
import { dropLinks } from './mailed-links.ts';
import type { PeopleOptions } from './options.ts';
import { endSessionsOf } from './people.ts';

/**
 * The owner of an address takes over an account that somebody made with it who never showed that it
 * was theirs: sessions, links and second steps go, so that nobody waits inside for the owner.
 */
export async function reclaim(
  trx: Trx,
  personId: string,
  { onPersonReclaimed }: Pick<PeopleOptions, 'onPersonReclaimed'>,
): Promise<void> {
  await endSessionsOf(trx, personId);
  await dropLinks(trx, personId, ['address', 'password']);
  for (const table of ['totp_secrets', 'backup_codes', 'passkeys'] as const) {
    await trx.deleteFrom(table).where('person_id', '=', personId).execute();
  }
  await onPersonReclaimed?.(trx, personId);
}
