import { decimalCredits } from '../core/credits.ts';
import type { Period } from '../core/periods.ts';
import { type BudgetReport, budgetsOf } from '../ledger/budget-reports.ts';
import { removeBudget, setBudget } from '../ledger/budgets.ts';
import { lockTerms, setFrozen, setOverdraft } from '../ledger/wallets.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';

/** Whose wallet is dealt with by somebody of the staff, and why. */
export interface TermsDeed {
  workspace_id: string;
  wallet_id: string;
  by: string;
  reason: string;
  origin: Origin;
}

/** Sets how much a wallet may owe for usage. */
export async function changeOverdraft(trx: Trx, deed: TermsDeed, micro: bigint): Promise<void> {
  const { overdraft_micro } = await lockTerms(trx, deed.wallet_id);
  await setOverdraft(trx, deed.wallet_id, micro);
  const [before, after] = [decimalCredits(overdraft_micro), decimalCredits(micro)];
  await note(trx, deed, 'wallet.overdraft_set', { overdraft: before }, { overdraft: after });
}

/** Stops new spending of a wallet, or lets it go on. Nothing is to do for one that is so already. */
export async function freezeWallet(trx: Trx, deed: TermsDeed, frozen: boolean): Promise<void> {
  const before = await lockTerms(trx, deed.wallet_id);
  if (before.frozen === frozen) return;
  await setFrozen(trx, deed.wallet_id, frozen ? deed.reason : null);
  const action = frozen ? 'wallet.frozen' : 'wallet.unfrozen';
  await note(trx, deed, action, { frozen: !frozen }, { frozen });
}

/** The limits of all that is spent of a workspace's live wallet. */
export async function walletBudgets(db: Db, workspaceId: string): Promise<BudgetReport[]> {
  return (await budgetsOf(db, workspaceId)).filter(({ subject }) => subject === 'wallet');
}

/**
 * Limits all that is spent of a live wallet in each period, in place of the limits that it had, or of
 * none. What was used in the open window counts.
 */
export async function changeWalletBudget(
  trx: Trx,
  deed: TermsDeed,
  budget: { limit_amount: bigint; period: Period; hard: boolean } | undefined,
): Promise<void> {
  await lockTerms(trx, deed.wallet_id);
  const known = await walletBudgets(trx, deed.workspace_id);
  for (const { id } of known) await removeBudget(trx, deed.wallet_id, id);
  if (budget !== undefined) await setBudget(trx, deed.wallet_id, { of: {}, ...budget });
  await note(
    trx,
    deed,
    'wallet.budget_set',
    { budgets: known.map(({ limit_micro, period, hard }) => told(limit_micro, period, hard)) },
    {
      budgets: budget === undefined ? [] : [told(budget.limit_amount, budget.period, budget.hard)],
    },
  );
}

function told(micro: bigint, period: Period, hard: boolean) {
  return { limit: decimalCredits(micro), period, hard };
}

async function note(
  trx: Trx,
  { workspace_id, wallet_id, by, reason, origin }: TermsDeed,
  action: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Promise<void> {
  await audit(trx, {
    ...{ workspace_id, action, before, after, reason, origin },
    actor: { kind: 'person', id: by },
    subject: { kind: 'wallet', id: wallet_id },
  });
}
