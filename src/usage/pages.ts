import type { MeasuredLevel } from '../core/levels.ts';
import { spentSince } from '../ledger/account-statements.ts';
import { type Balance, openLotsOf } from '../ledger/balances.ts';
import { entryPage } from '../ledger/entries.ts';
import { levelNow } from '../ledger/levels.ts';
import type { Trx } from '../lib/database.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { rowOf, lotTitle, wordingFor } from './entry-rows.ts';

const RECENT_ENTRIES = 6;
const SPENT_WINDOW_DAYS = 28;

/** What the overview shows of a wallet. */
export async function dashboardOf(trx: Trx, workspace: ShownWorkspace, balance: Balance) {
  const lots = await openLotsOf(trx, balance.wallet_id);
  const { entries } = await entryPage(trx, balance.wallet_id, { limit: RECENT_ENTRIES });
  const wording = await wordingFor(trx, balance.wallet_id, entries);
  const since = new Date(Date.now() - SPENT_WINDOW_DAYS * 86_400_000);
  const spent = await spentSince(trx, balance.wallet_id, since);
  const expiring = lots
    .flatMap((lot) => (lot.expires_at === null ? [] : [{ ...lot, expires_at: lot.expires_at }]))
    .sort((one, other) => one.expires_at.getTime() - other.expires_at.getTime())
    .find((lot) => lot.available_micro > 0n);
  const { base } = workspace;
  return {
    balance,
    level_reason: reasonOf(await levelNow(trx, balance)),
    next_expiry:
      expiring === undefined
        ? undefined
        : {
            amount_micro: expiring.available_micro,
            expires_at: expiring.expires_at,
            source: lotTitle(expiring),
          },
    lots: lots.map((lot) => ({
      href: `${base}/history/${lot.entry_seq}`,
      title: lotTitle(lot),
      source: `Lot ${lot.number}`,
      left_micro: lot.available_micro + lot.held_micro,
      granted_micro: lot.granted_micro,
      expires_at: lot.expires_at ?? undefined,
      operations: lot.operations ?? undefined,
    })),
    rows: entries.map((entry) => rowOf(entry, wording, workspace.base)),
    spent_28_days_micro: spent,
    // A product's customer starts nothing here.
    first_steps:
      workspace.kind === 'external'
        ? []
        : firstSteps(base, {
            spent: entries.some((entry) => entry.kind === 'debit') || spent > 0n,
            bought: lots.some((lot) => lot.source === 'purchase'),
          }),
  };
}

/** Why a wallet is on its level, in words. */
function reasonOf({ level, because }: MeasuredLevel): string {
  if (because === 'days') {
    return `less than ${level === 'low' ? 'seven' : 'two'} days are left at this rate`;
  }
  return LEVEL_REASONS[level];
}

const LEVEL_REASONS: Record<MeasuredLevel['level'], string> = {
  healthy: 'more than a fifth of what came last is left',
  low: 'less than a fifth of what came last is left',
  critical: 'less than a twentieth of what came last is left',
  empty: 'nothing is left to spend',
  debt: 'the next credits repay what is owed',
  unlimited: 'usage is recorded and costs nothing',
  frozen: 'nothing can be spent until it is opened again',
};

function firstSteps(base: string, done: { spent: boolean; bought: boolean }) {
  return [
    { title: 'Create the workspace', done: true },
    { title: 'Spend the first credit', done: done.spent, href: `${base}/use` },
    { title: 'Buy credits', done: done.bought, href: `${base}/buy` },
  ];
}

/** An entry's number from a URL; undefined for what is none. */
export function seqOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value) ? BigInt(value) : undefined;
}
