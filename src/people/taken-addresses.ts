import pg from 'pg';
import type { Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';

/** For the error of whoever writes an address: throws 422 `address_taken` where that is the reason. */
export function refuseTakenAddress(error: unknown): never {
  const isTaken =
    error instanceof pg.DatabaseError && error.constraint === 'people_have_one_account_per_address';
  throw isTaken ? addressTaken() : error;
}

/**
 * Throws 422 `address_taken` when the address can still go back to somebody else: whoever stole an
 * account by changing its address could keep it by an account of the old one otherwise. Asked after
 * the address is written, so that a change which had it until then is seen.
 */
export async function refuseKeptAddress(
  trx: Trx,
  person: { id: string; email_normalized: string },
): Promise<void> {
  const kept = await trx
    .selectFrom('mailed_links')
    .select('person_id')
    .where('purpose', '=', 'undo')
    .where('address_normalized', '=', person.email_normalized)
    .where('person_id', '<>', person.id)
    .where('expires_at', '>', new Date())
    .executeTakeFirst();
  if (kept !== undefined) throw addressTaken();
}

function addressTaken(): AppError {
  return new AppError(
    422,
    'address_taken',
    'There is an account with this e-mail address already. Sign in instead.',
  );
}
