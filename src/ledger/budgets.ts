import { sql } from 'kysely';
import {
  type Budget,
  type Limited,
  type Use,
  budgetsFor,
  subjectOf,
  windowOfBudget,
} from '../core/budgets.ts';
import { timeAfter } from '../core/draft.ts';
import type { Instant } from '../core/instant.ts';
import type { Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { microsecondsOf, timestampOf } from './arrays.ts';
import { balancesAt } from './past-balances.ts';
import { type StoredAsked, askedOf } from './read-state.ts';

export interface NewBudget extends Pick<Budget, 'period' | 'limit_amount' | 'hard'> {
  /** What it limits: all that is named has to be true of a use. Nothing named is the whole wallet. */
  of: Limited;
  /** What it limits is new, and was never used: no entry has to be read. */
  of_something_new?: true;
  /** Whose hours, days, weeks and months; without it the wallet's. */
  time_zone?: string;
}

/**
 * Limits what is used of a wallet, or of an operation, by a member or with an API key. What was used
 * in the window that is open counts from the first: it is read from its entries, this once and under
 * the wallet's lock. Returns the budget's id.
 */
export async function setBudget(
  trx: Trx,
  walletId: string,
  { of: limited, of_something_new: unused, ...told }: NewBudget,
): Promise<string> {
  const wallet = await lockWallet(trx, walletId);
  const { workspace_id, time_zone } = wallet;
  const budget = { id: newId(), subject: subjectOf(limited), time_zone, ...told };
  const owner = { wallet_id: walletId, workspace_id };
  await trx
    .insertInto('budgets')
    .values({ ...owner, ...budget })
    .execute();
  await trx.updateTable('wallets').set({ has_budgets: true }).where('id', '=', walletId).execute();
  if (unused !== true) {
    await countFromEntries(trx, wallet, { ...budget, raised_to: null, raised_until: null });
  }
  return budget.id;
}

/** Another limit until a moment, at which the budget's own is good again. False: no such budget. */
export async function raiseBudget(
  trx: Trx,
  walletId: string,
  id: string,
  { to, until }: { to: bigint; until: Instant },
): Promise<boolean> {
  const raised = await trx
    .updateTable('budgets')
    .set({ raised_to: to, raised_until: sql<Date>`${sql.raw(timestampOf(`${until}`))}` })
    .where('wallet_id', '=', walletId)
    .where('id', '=', id)
    .executeTakeFirst();
  return raised.numUpdatedRows > 0n;
}

/** Ends a limit. False: no such budget. */
export async function removeBudget(trx: Trx, walletId: string, id: string): Promise<boolean> {
  await lockWallet(trx, walletId);
  const removed = await trx
    .deleteFrom('budgets')
    .where('wallet_id', '=', walletId)
    .where('id', '=', id)
    .executeTakeFirst();
  await sql`
    update wallets set has_budgets = exists (select from budgets where wallet_id = ${walletId})
    where id = ${walletId}`.execute(trx);
  return removed.numDeletedRows > 0n;
}

interface LockedWallet {
  id: string;
  workspace_id: string;
  time_zone: string;
  last_at: Instant;
}

async function lockWallet(trx: Trx, walletId: string): Promise<LockedWallet> {
  return trx
    .selectFrom('wallets')
    .select(['id', 'workspace_id', 'time_zone'])
    .select(sql<Instant>`${sql.raw(microsecondsOf('last_at'))}`.as('last_at'))
    .where('id', '=', walletId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

/** Sets the counter of a budget's open window to what its entries come to. */
async function countFromEntries(trx: Trx, wallet: LockedWallet, budget: Budget): Promise<void> {
  const clock = await sql<{ now: Instant }>`
    select ${sql.raw(microsecondsOf('clock_timestamp()'))} as now`.execute(trx);
  const at = timeAfter(wallet, clock.rows[0]?.now ?? 0n);
  const { starts_at } = windowOfBudget(budget, at);
  const [before] = await balancesAt(trx, wallet.id, [starts_at - 1n]);
  const uses = await usesAfter(trx, wallet.id, before?.seq ?? 0n);
  const amount = uses
    .filter((use) => budgetsFor([budget], use).length > 0)
    .reduce((sum, use) => sum + use.amount, 0n);
  const { subject, period } = budget;
  await sql`
    insert into counters (wallet_id, workspace_id, subject, period, starts_at, amount)
    values (${wallet.id}, ${wallet.workspace_id}, ${subject}, ${period},
      ${sql.raw(timestampOf(`${starts_at}`))}, ${amount})
    on conflict (wallet_id, subject, period, starts_at) do update set amount = excluded.amount`.execute(
    trx,
  );
}

/**
 * What was used after an entry, by operation and who asked. As the counters have it: a hold counts
 * when it is made and not when it is captured, and what comes back of what was used after that entry
 * is taken off.
 */
async function usesAfter(
  trx: Trx,
  walletId: string,
  seq: bigint,
): Promise<(Use & { amount: bigint })[]> {
  const found = await sql<StoredAsked & { operation: string | null; amount: bigint }>`
    select counted.operation, counted.actor_kind, counted.actor_id, counted.api_key_id,
      sum(case when e.kind in ('debit', 'hold') then e.amount else -e.amount end)::int8 as amount
    from entries e
    left join entries parent on parent.wallet_id = e.wallet_id and parent.seq = e.parent_seq
    join entries counted on counted.wallet_id = e.wallet_id and counted.seq = case
      when e.kind in ('debit', 'hold') then e.seq
      when parent.kind = 'capture' then parent.parent_seq
      else parent.seq end
    where e.wallet_id = ${walletId} and e.seq > ${seq} and counted.seq > ${seq}
      and e.kind in ('debit', 'hold', 'release', 'refund') and e.amount > 0
    group by counted.operation, counted.actor_kind, counted.actor_id, counted.api_key_id`.execute(
    trx,
  );
  return found.rows.map((row) => ({
    operation: row.operation,
    asked: askedOf(row),
    amount: row.amount,
  }));
}
