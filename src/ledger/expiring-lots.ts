import { sql } from 'kysely';
import type { LotSource } from '../core/lots.ts';
import type { Db } from '../lib/database.ts';

/** A lot that comes to its end with something left in it. */
export interface ExpiringLot {
  wallet_id: string;
  workspace_id: string;
  livemode: boolean;
  number: number;
  source: LotSource;
  available_micro: bigint;
  expires_at: Date;
}

/**
 * The lots of workspaces with members that expire after one moment and until another, with what is
 * left of them. Those that are granted later with an expiry before are not: a grant says when it ends.
 */
export async function lotsExpiring(db: Db, after: Date, until: Date): Promise<ExpiringLot[]> {
  const { rows } = await sql<ExpiringLot>`
    select l.wallet_id, l.workspace_id, w.livemode, l.number, l.source,
      l.available as available_micro, l.expires_at
    from lots l
    join wallets w on w.id = l.wallet_id
    join workspaces s on s.id = l.workspace_id
    where l.open and l.available > 0 and l.expires_at > ${after} and l.expires_at <= ${until}
      and s.kind <> 'external'
    order by l.expires_at, l.wallet_id, l.number`.execute(db);
  return rows;
}
