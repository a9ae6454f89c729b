import { sql } from 'kysely';
import type { HourOfUse } from '../core/usage-alerts.ts';
import type { Db } from '../lib/database.ts';
import { grantedLast } from './balances.ts';
import { doneUntil } from './recording.ts';

const HOUR_MILLISECONDS = 3_600_000;
const WEEKS = [1, 2, 3, 4] as const;

/** Up to when what was used is rolled up; null when nothing is. */
export function rolledUpUntil(db: Db): Promise<Date | null> {
  return doneUntil(db, 'rollups');
}

/** The wallets in which something was spent in closed quarter hours. */
export async function walletsUsed(db: Db, from: Date, until: Date): Promise<string[]> {
  const { rows } = await sql<{ wallet_id: string }>`
    select distinct wallet_id from entry_rollups
    where quarter_hour >= ${from} and quarter_hour < ${until} and kind in ('debit', 'capture')
    order by wallet_id`.execute(db);
  return rows.map(({ wallet_id }) => wallet_id);
}

/** A wallet's use in the hour that ends at a moment, beside what is known from before. */
export interface WalletHour extends HourOfUse {
  wallet_id: string;
  workspace_id: string;
  livemode: boolean;
}

/**
 * What wallets used in an hour and in the four weeks before it, from rollups: a few pages of an index
 * for each, however many entries a wallet has.
 */
export async function hoursOfUse(
  db: Db,
  walletIds: readonly string[],
  until: Date,
): Promise<WalletHour[]> {
  const from = new Date(until.getTime() - HOUR_MILLISECONDS);
  const spentIn = (week: number) => sql`coalesce(sum(-r.balance_change) filter (
    where r.quarter_hour >= ${from}::timestamptz - ${week} * interval '7 days'
      and r.quarter_hour < ${until}::timestamptz - ${week} * interval '7 days'), 0)::int8`;
  const { rows } = await sql<Row>`
    select w.id as wallet_id, w.workspace_id, w.livemode, ${grantedLast()} as granted_last_micro,
      use.spent_micro, use.weeks, use.before_micro, use.hours
    from wallets w cross join lateral (
      select ${spentIn(0)} as spent_micro,
        array[${sql.join(WEEKS.map(spentIn))}] as weeks,
        coalesce(sum(-r.balance_change) filter (where r.quarter_hour < ${from}), 0)::int8
          as before_micro,
        coalesce(extract(epoch from ${from} - min(r.quarter_hour)) / 3600, 0)::int8 as hours
      from entry_rollups r
      where r.wallet_id = w.id and r.kind in ('debit', 'capture', 'refund')
        and r.quarter_hour >= ${from}::timestamptz - interval '28 days'
        and r.quarter_hour < ${until}
    ) use
    where w.id = any(${walletIds}::uuid[]) order by w.id`.execute(db);
  return rows.map(({ weeks, hours, ...row }) => ({
    ...row,
    before_hours: hours > 0n ? hours : 0n,
    // A week before it was used first says nothing.
    weeks_before: weeks.filter((_spent, index) => BigInt((index + 1) * 7 * 24) <= hours),
  }));
}

type Row = Omit<WalletHour, 'weeks_before' | 'before_hours'> & { weeks: bigint[]; hours: bigint };

/** The key of a wallet's own workspace that spent most in an hour, if one did and can be paused. */
export async function greatestSpender(
  db: Db,
  { wallet_id, workspace_id }: Pick<WalletHour, 'wallet_id' | 'workspace_id'>,
  until: Date,
): Promise<{ id: string; name: string; spent_micro: bigint } | undefined> {
  const from = new Date(until.getTime() - HOUR_MILLISECONDS);
  const { rows } = await sql<{ id: string; name: string; spent_micro: bigint }>`
    select k.id, k.name, spent.micro as spent_micro
    from (
      select api_key_id, sum(amount)::int8 as micro from entry_rollups
      where wallet_id = ${wallet_id} and quarter_hour >= ${from} and quarter_hour < ${until}
        and kind in ('debit', 'capture')
      group by api_key_id order by 2 desc limit 1
    ) spent
    join api_keys k on k.id = spent.api_key_id
    where k.workspace_id = ${workspace_id} and k.revoked_at is null`.execute(db);
  return rows[0];
}
