import { sql } from 'kysely';
import { decimalCredits } from '../core/credits.ts';
import type { Db, Trx } from '../lib/database.ts';
import type { NewAlert } from './raising.ts';

type UsageKind = 'run_out' | 'spike';

/** The wallets of which something about their use still lasts. */
export async function lastingOf(db: Db): Promise<string[]> {
  // The kinds as they stand in the index.
  const { rows } = await sql<{ wallet_id: string }>`
    select distinct wallet_id from alerts
    where ended_at is null and kind in ('run_out', 'spike')`.execute(db);
  return rows.map(({ wallet_id }) => wallet_id);
}

/** What is over in a wallet; quietly where nobody wants to hear of it any more. */
export interface Over {
  wallet_id: string;
  kind: UsageKind;
  quiet: boolean;
}

/** Ends what lasts. @returns that it is over, to be told */
export async function endAlerts(trx: Trx, over: readonly Over[]): Promise<NewAlert[]> {
  if (over.length === 0) return [];
  const { rows } = await sql<Ended>`
    update alerts a set ended_at = now()
    from unnest(${over.map(({ wallet_id }) => wallet_id)}::uuid[],
      ${over.map(({ kind }) => kind)}::text[], ${over.map(({ quiet }) => quiet)}::boolean[])
      as over(wallet_id, kind, quiet), wallets w
    where a.wallet_id = over.wallet_id and a.kind = over.kind and a.ended_at is null
      and w.id = a.wallet_id
    returning a.id, a.kind, a.workspace_id, a.wallet_id, a.livemode, w.available, over.quiet`.execute(
    trx,
  );
  return rows
    .filter(({ quiet }) => !quiet)
    .map(({ id, kind, available, workspace_id, wallet_id, livemode }) => ({
      ...{ workspace_id, wallet_id, livemode, kind: 'recovered', subject: id },
      facts: { of: kind, available: decimalCredits(available) },
    }));
}

interface Ended {
  id: string;
  kind: UsageKind;
  workspace_id: string;
  wallet_id: string;
  livemode: boolean;
  available: bigint;
  quiet: boolean;
}

const KEPT_DAYS = 400;

/** Forgets alerts that are long past, and who has read them; what lasts stays. */
export async function forgetAlerts(db: Db): Promise<void> {
  await sql`
    delete from alerts where raised_at < now() - ${KEPT_DAYS} * interval '1 day'
      and (ended_at is not null or kind not in ('balance_low', 'run_out', 'spike'))`.execute(db);
}
