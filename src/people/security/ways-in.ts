import type { Db } from '../../lib/database.ts';

/** How a person may get in. */
export interface WaysIn {
  password: boolean;
  google: boolean;
}

export async function waysIn(db: Db, personId: string): Promise<WaysIn> {
  const row = await db
    .selectFrom('people')
    .select(['password_hash', 'google_subject'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  return { password: row.password_hash !== null, google: row.google_subject !== null };
}
