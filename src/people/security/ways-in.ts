import type { Db, Trx } from '../../lib/database.ts';

/** How a person may get in. */
export interface WaysIn {
  password: boolean;
  google: boolean;
  /** What Google says its address is; null until it is known. */
  google_email: string | null;
  passkeys: number;
}

export async function waysIn(db: Db, personId: string): Promise<WaysIn> {
  const row = await waysOf(db, personId).executeTakeFirstOrThrow();
  return {
    password: row.password_hash !== null,
    google: row.google_subject !== null,
    google_email: row.google_email,
    passkeys: Number(row.passkeys),
  };
}

/** The same, and nobody takes one away meanwhile. */
export async function lockWaysIn(trx: Trx, personId: string): Promise<WaysIn> {
  await trx.selectFrom('people').select('id').where('id', '=', personId).forNoKeyUpdate().execute();
  return waysIn(trx, personId);
}

/** Whether somebody gets in still who loses Google, or one of their passkeys. */
export function remainsWithout(ways: WaysIn, lost: 'google' | 'passkey'): boolean {
  return (
    ways.password || (lost === 'google' ? ways.passkeys > 0 : ways.google || ways.passkeys > 1)
  );
}

function waysOf(db: Db, personId: string) {
  return db
    .selectFrom('people as p')
    .select(['p.password_hash', 'p.google_subject', 'p.google_email'])
    .select((column) =>
      column
        .selectFrom('passkeys as k')
        .whereRef('k.person_id', '=', 'p.id')
        .select((count) => count.fn.countAll().as('count'))
        .as('passkeys'),
    )
    .where('p.id', '=', personId);
}
