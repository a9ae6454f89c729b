import { sql } from 'kysely';
import { markAfterCommit } from '../lib/after-commit.ts';
import { Cache } from '../lib/cache.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** Opens an empty wallet for a workspace: one is live, one for tests. Returns its id. */
export async function openWallet(
  trx: Trx,
  wallet: { workspace_id: string; livemode: boolean; time_zone?: string },
): Promise<string> {
  const id = newId();
  await trx
    .insertInto('wallets')
    .values({
      id,
      workspace_id: wallet.workspace_id,
      livemode: wallet.livemode,
      time_zone: wallet.time_zone ?? 'UTC',
    })
    .execute();
  return id;
}

/**
 * The mark of a wallet: somebody is told when what is available falls below it, and when it is that
 * much again. Null: nobody is.
 */
export async function setMark(trx: Trx, walletId: string, micro: bigint | null): Promise<void> {
  await trx
    .updateTable('wallets')
    .set({ alert_below: micro, alert_above: micro })
    .where('id', '=', walletId)
    .execute();
}

export async function markOf(db: Db, walletId: string): Promise<bigint | null> {
  const row = await db
    .selectFrom('wallets')
    .select('alert_below')
    .where('id', '=', walletId)
    .executeTakeFirstOrThrow();
  return row.alert_below;
}

/**
 * Makes usage of a wallet cost nothing until a moment, because of its plan. An earlier end is not
 * taken over, nor is another reason that holds.
 */
export async function setUnlimitedByPlan(trx: Trx, walletId: string, until: Date): Promise<void> {
  await sql`
    update wallets set unlimited_reason = 'plan', unlimited_until = case unlimited_reason
      when 'plan' then greatest(unlimited_until, ${until}) else ${until}::timestamptz end
    where id = ${walletId}
      and (coalesce(unlimited_reason, 'plan') = 'plan' or unlimited_until <= now())`.execute(trx);
  await markAfterCommit(trx, [walletId]);
}

/** From now on usage of a wallet that was unlimited by its plan costs credits again. */
export async function endUnlimitedByPlan(trx: Trx, walletId: string): Promise<void> {
  await trx
    .updateTable('wallets')
    .set({ unlimited_until: null, unlimited_reason: null })
    .where('id', '=', walletId)
    .where('unlimited_reason', '=', 'plan')
    .execute();
  await markAfterCommit(trx, [walletId]);
}

/** Makes usage of a workspace cost nothing for as long as it is a super admin's own. */
export async function setUnlimitedBySuperAdmin(trx: Trx, workspaceId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update wallets set unlimited_reason = 'super_admin', unlimited_until = 'infinity'
    where workspace_id = ${workspaceId}
      and (unlimited_reason is null or unlimited_reason = 'plan' or unlimited_until <= now())
    returning id`.execute(trx);
  await markAfterCommit(trx, idsOf(rows));
}

/**
 * From now on usage of what was a super admin's own workspace costs credits again.
 * @param planUntil up to when its plan is unlimited; null: it is not
 */
export async function endUnlimitedBySuperAdmin(
  trx: Trx,
  workspaceId: string,
  planUntil: Date | null,
): Promise<void> {
  const rows = await trx
    .updateTable('wallets')
    .set({ unlimited_until: planUntil, unlimited_reason: planUntil === null ? null : 'plan' })
    .where('workspace_id', '=', workspaceId)
    .where('unlimited_reason', '=', 'super_admin')
    .returning('id')
    .execute();
  await markAfterCommit(trx, idsOf(rows));
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/**
 * Sets the zone in whose days and months a workspace's wallets count, as long as they are untouched:
 * what was counted in the windows of one zone is not found in those of another.
 */
export async function setTimeZone(trx: Trx, workspaceId: string, time_zone: string): Promise<void> {
  await trx
    .updateTable('wallets')
    .set({ time_zone })
    .where('workspace_id', '=', workspaceId)
    .where('last_seq', '=', 0n)
    .execute();
}

/** The zone in whose days and months a workspace's live wallet counts. */
export async function zoneOfWallet(db: Db, workspaceId: string): Promise<string> {
  const row = await db
    .selectFrom('wallets')
    .select('time_zone')
    .where('workspace_id', '=', workspaceId)
    .where('livemode', '=', true)
    .executeTakeFirstOrThrow();
  return row.time_zone;
}

/** The id of a workspace's live or test wallet. Every workspace has both from its first moment. */
export async function walletIdOf(db: Db, workspaceId: string, livemode = true): Promise<string> {
  const row = await db
    .selectFrom('wallets')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('livemode', '=', livemode)
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Which wallet is a workspace's never changes. */
const liveWallets = new Cache<string>({ size: 10_000, milliseconds: Infinity });

/**
 * The id of a workspace's live wallet, mostly without asking: for reading only, where the policies
 * show nothing of it to whoever may not see it. It is no proof that anybody may.
 */
export async function liveWalletOf(db: Db, workspaceId: string): Promise<string> {
  const found = await liveWallets.get(workspaceId, () => walletIdOf(db, workspaceId));
  if (found === undefined) throw new Error(`workspace ${workspaceId} has no wallet`);
  return found;
}

/** A wallet under its lock, as far as its terms are set by hand. */
export interface LockedTerms {
  overdraft_micro: bigint;
  debt_micro: bigint;
  frozen: boolean;
}

/** Locks a wallet before its terms are changed: what spends at the same moment is before or after. */
export async function lockTerms(trx: Trx, walletId: string): Promise<LockedTerms> {
  const row = await trx
    .selectFrom('wallets')
    .select(['overdraft_limit', 'debt', 'frozen_at'])
    .where('id', '=', walletId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const { overdraft_limit: overdraft_micro, debt: debt_micro, frozen_at } = row;
  return { overdraft_micro, debt_micro, frozen: frozen_at !== null };
}

/** How much may be owed for usage. What is owed already stays. */
export async function setOverdraft(trx: Trx, walletId: string, micro: bigint): Promise<void> {
  await trx
    .updateTable('wallets')
    .set({ overdraft_limit: micro })
    .where('id', '=', walletId)
    .execute();
  await markAfterCommit(trx, [walletId]);
}

/** Stops new spending for a reason, or with null opens the wallet again. */
export async function setFrozen(trx: Trx, walletId: string, reason: string | null): Promise<void> {
  await trx
    .updateTable('wallets')
    .set({ frozen_at: reason === null ? null : new Date(), frozen_reason: reason })
    .where('id', '=', walletId)
    .execute();
  await markAfterCommit(trx, [walletId]);
}
