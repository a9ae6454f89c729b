import type { Db } from '../lib/database.ts';

/** An entry, or the one that made a hold. */
export type Made = { seq: bigint } | { hold_id: string };

/**
 * Whether an entry was asked for with a key of its wallet's own workspace: not with one of the
 * service, and not on a page. False when there is no such entry.
 */
export async function isMadeByOwnKey(db: Db, walletId: string, made: Made): Promise<boolean> {
  const found = await db
    .selectFrom('entries as e')
    .innerJoin('api_keys as k', (join) =>
      join.onRef('k.id', '=', 'e.api_key_id').onRef('k.workspace_id', '=', 'e.workspace_id'),
    )
    .select('e.seq')
    .where('e.wallet_id', '=', walletId)
    .where((is) =>
      'seq' in made
        ? is('e.seq', '=', made.seq)
        : is('e.seq', '=', (query) =>
            query
              .selectFrom('holds as h')
              .select('h.entry_seq')
              .where('h.wallet_id', '=', walletId)
              .where('h.id', '=', made.hold_id),
          ),
    )
    .executeTakeFirst();
  return found !== undefined;
}
