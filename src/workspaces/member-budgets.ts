import { instantOf } from '../core/instant.ts';
import type { Period } from '../core/periods.ts';
import { decimalCredits } from '../core/credits.ts';
import { type BudgetReport, budgetsOf } from '../ledger/budget-reports.ts';
import { raiseBudget, removeBudget, setBudget } from '../ledger/budgets.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { lockTeam } from './members.ts';

/** The periods in which a member's use can be limited. */
export const MEMBER_PERIODS = ['day', 'week', 'month'] as const;
export type MemberPeriod = (typeof MEMBER_PERIODS)[number];

/** A budget of a member, and how it stands in the window that is open. */
export interface MemberBudget extends BudgetReport {
  /** In per cent of the limit, at most 100. */
  used_percent: number;
  every: string;
}

/** How often a budget starts anew. */
export const EVERY: Record<Period, string> = {
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  all: 'in all',
};

/** What limits one member's use of the live wallet. */
export async function budgetsOfMember(
  db: Db,
  workspaceId: string,
  personId: string,
): Promise<MemberBudget[]> {
  return (await budgetsOfMembers(db, workspaceId)).get(personId) ?? [];
}

/** The budgets of all members, by person. */
export async function budgetsOfMembers(
  db: Db,
  workspaceId: string,
): Promise<Map<string, MemberBudget[]>> {
  const found = new Map<string, MemberBudget[]>();
  for (const budget of await budgetsOf(db, workspaceId)) {
    const person = /^member:(\S+)$/.exec(budget.subject)?.[1];
    if (person === undefined) continue;
    found.set(person, [...(found.get(person) ?? []), shownBudget(budget)]);
  }
  return found;
}

function shownBudget(budget: BudgetReport): MemberBudget {
  const { limit_micro, used_micro } = budget;
  const share = limit_micro === 0n ? 100n : (used_micro * 100n) / limit_micro;
  const used_percent = Number(share < 100n ? share : 100n);
  return { ...budget, used_percent, every: EVERY[budget.period] };
}

/** Whose budget it is, and who deals with it. */
export interface BudgetDeed {
  workspace_id: string;
  person_id: string;
  by: string;
  origin: Origin;
}

/**
 * Limits what a member may use in each period, or only tells of it. A budget of the same kind and
 * period is replaced; what was used in the open window counts.
 * @throws AppError 404 for nobody of this workspace
 */
export async function setMemberBudget(
  trx: Trx,
  deed: BudgetDeed,
  budget: { limit_amount: bigint; period: MemberPeriod; hard: boolean },
): Promise<void> {
  const walletId = await walletOf(trx, deed);
  const known = await budgetsOfMember(trx, deed.workspace_id, deed.person_id);
  const replaced = known.filter(
    ({ period, hard }) => period === budget.period && hard === budget.hard,
  );
  for (const { id } of replaced) await removeBudget(trx, walletId, id);
  await setBudget(trx, walletId, { of: { member: deed.person_id }, ...budget });
  await note(trx, deed, 'budget.set', budget);
}

/** Another limit until the window that is open ends. @throws AppError 404 */
export async function raiseMemberBudget(
  trx: Trx,
  deed: BudgetDeed & { id: string },
  to: bigint,
): Promise<void> {
  const walletId = await walletOf(trx, deed);
  const { period, hard, resets_at } = await budgetIn(trx, deed);
  if (resets_at === null) throw notFound('budget');
  await raiseBudget(trx, walletId, deed.id, { to, until: instantOf(resets_at) });
  await note(trx, deed, 'budget.raised', { limit_amount: to, period, hard });
}

/** Ends a limit. @throws AppError 404 */
export async function removeMemberBudget(
  trx: Trx,
  deed: BudgetDeed & { id: string },
): Promise<void> {
  const walletId = await walletOf(trx, deed);
  const { period, hard, limit_micro } = await budgetIn(trx, deed);
  await removeBudget(trx, walletId, deed.id);
  await note(trx, deed, 'budget.removed', { limit_amount: limit_micro, period, hard });
}

/** The wallet, after the workspace's row: two at once set one budget after the other. */
async function walletOf(trx: Trx, { workspace_id, person_id }: BudgetDeed): Promise<string> {
  const { roles } = await lockTeam(trx, workspace_id);
  if (!roles.has(person_id)) throw notFound('member');
  return walletIdOf(trx, workspace_id);
}

async function budgetIn(trx: Trx, { workspace_id, person_id, id }: BudgetDeed & { id: string }) {
  const budgets = await budgetsOfMember(trx, workspace_id, person_id);
  const budget = budgets.find((one) => one.id === id);
  if (budget === undefined) throw notFound('budget');
  return budget;
}

async function note(
  trx: Trx,
  { workspace_id, person_id, by, origin }: BudgetDeed,
  action: string,
  { limit_amount, period, hard }: { limit_amount: bigint; period: Period; hard: boolean },
): Promise<void> {
  await audit(trx, {
    ...{ workspace_id, action, origin },
    actor: { kind: 'person', id: by },
    subject: { kind: 'person', id: person_id },
    after: { limit: decimalCredits(limit_amount), period, hard },
  });
}
