import { createHash } from 'node:crypto';
import type { Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';

/** A form that somebody of the staff has sent. */
export interface StaffDeed {
  /** Of the form: one that is sent twice is carried out once. */
  nonce: string;
  person_id: string;
  /** What it says. */
  content: readonly unknown[];
}

/**
 * Notes that a form is carried out, first in the transaction that does so: another that brings the
 * same waits for the end of this one.
 * @returns false when it was carried out before
 * @throws AppError 422 `form_reused` where it said something else then
 */
export async function isFirstTime(
  trx: Trx,
  { nonce, person_id, content }: StaffDeed,
): Promise<boolean> {
  const content_hash = createHash('sha256')
    .update(
      JSON.stringify([person_id, ...content], (_key, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      ),
    )
    .digest('base64url');
  const added = await trx
    .insertInto('staff_deeds')
    .values({ nonce, person_id, content_hash })
    .onConflict((conflict) => conflict.column('nonce').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 1n) return true;
  const before = await trx
    .selectFrom('staff_deeds')
    .select('content_hash')
    .where('nonce', '=', nonce)
    .executeTakeFirstOrThrow();
  if (before.content_hash === content_hash) return false;
  const sentence = 'This form was sent before, and said something else. Open it anew.';
  throw new AppError(422, 'form_reused', sentence);
}
