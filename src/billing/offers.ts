import { sql } from 'kysely';
import { z } from 'zod';
import { type Offers, PURCHASES_DAYS, type PackageOffer } from '../core/recommendations.ts';
import { creditsOfPeriod } from '../core/plan-terms.ts';
import type { Db } from '../lib/database.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { findTerms, whyNotOffered } from './auto-top-up/terms.ts';
import { type Package, packagesOnSale } from './packages.ts';
import { plansOnSale } from './plans.ts';
import type { PaymentProvider } from './provider.ts';

/** Newer ones are not looked through for what was bought last. */
const PURCHASES_READ = 20;
const DAY_MILLISECONDS = 86_400_000;

/**
 * Tells what a workspace can buy, has bought and is on, for pages that do not sell. Five reads at once,
 * whose rows are few. Who may not buy is offered nothing; a product's customer has neither plan nor auto
 * top-up.
 */
export function offersBy(provider: PaymentProvider) {
  return (
    db: Db,
    workspace: Pick<ShownWorkspace, 'id' | 'kind' | 'currency'>,
    { may_manage }: { may_manage: boolean },
  ) => offersOf(db, provider, workspace, may_manage);
}

async function offersOf(
  db: Db,
  provider: PaymentProvider,
  { id: workspace_id, kind, currency }: Pick<ShownWorkspace, 'id' | 'kind' | 'currency'>,
  may_manage: boolean,
) {
  const is_customer = kind === 'external';
  const sells = provider.mode !== 'off';
  const may_buy = sells && (is_customer || may_manage);
  const [bought, { plan, current_plan }, terms, packages, plans] = await Promise.all([
    boughtBy(db, workspace_id),
    is_customer ? NO_PLAN : planOf(db, workspace_id),
    is_customer || provider.mode === 'off' ? undefined : findTerms(db, workspace_id, provider),
    may_buy ? packagesOnSale(db, currency) : [],
    sells && may_manage && !is_customer ? monthlyPlans(db, currency) : [],
  ]);
  const isOffered = may_manage && !is_customer && whyNotOffered(provider) === undefined;
  const offers: Offers = {
    ...bought,
    plan,
    packages: packages.map(offerOf),
    plans,
    auto_top_up: terms?.enabled === true ? 'on' : isOffered ? 'off' : 'not_offered',
  };
  const isStopped = terms?.enabled === false && terms.stopped_reason !== 'turned_off';
  return {
    offers,
    current_plan,
    top_up:
      is_customer || !sells
        ? undefined
        : { state: topUpState(terms?.enabled === true, isStopped), terms, may_manage },
  };
}

function topUpState(isOn: boolean, isStopped: boolean): 'on' | 'stopped' | 'off' {
  if (isOn) return 'on';
  return isStopped ? 'stopped' : 'off';
}

function offerOf(one: Package): PackageOffer {
  const { code, name, price_minor, currency, expires_after_days } = one;
  const credits_micro = one.credits_micro + one.bonus_micro;
  return { code, name, credits_micro, price_minor, currency, expires_after_days };
}

/** By the month: a year in advance is not for who compares with single packages. */
async function monthlyPlans(db: Db, currency: string): Promise<Offers['plans']> {
  const plans = await plansOnSale(db, currency);
  return plans.filter(({ period, price_minor }) => period === 'month' && price_minor > 0n);
}

const StoredPackage = z.object({
  package: z.string(),
  name: z.string(),
  credits_micro: z.string().transform(BigInt),
  bonus_micro: z.string().transform(BigInt),
});

async function boughtBy(
  db: Db,
  workspaceId: string,
): Promise<Pick<Offers, 'last_bought' | 'purchases'>> {
  const rows = await db
    .selectFrom('payments')
    .select(['catalogue', 'subtotal_minor', 'currency', 'completed_at', 'auto_top_up'])
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', 'credit_purchase')
    .where('status', '=', 'completed')
    .where('package_id', 'is not', null)
    .orderBy('id', 'desc')
    .limit(PURCHASES_READ)
    .execute();
  const since = Date.now() - PURCHASES_DAYS * DAY_MILLISECONDS;
  const purchases = rows.filter(
    ({ completed_at, auto_top_up }) => !auto_top_up && (completed_at?.getTime() ?? 0) >= since,
  ).length;
  const [last] = rows;
  const sold = last && StoredPackage.safeParse(last.catalogue).data;
  if (last === undefined || sold === undefined) return { last_bought: undefined, purchases };
  const { package: code, name, credits_micro, bonus_micro } = sold;
  const last_bought = {
    ...{ code, name, credits_micro: credits_micro + bonus_micro, expires_after_days: null },
    ...{ price_minor: last.subtotal_minor, currency: last.currency },
  };
  return { last_bought, purchases };
}

const NO_PLAN = { plan: undefined, current_plan: undefined };

interface PlanRow {
  code: string;
  name: string;
  credits_micro: bigint | null;
  period: 'month' | 'year';
  price_minor: bigint;
  currency: string;
  status: 'trialing' | 'active' | 'past_due';
  cancel_at_period_end: boolean;
  trial_ends_at: Date | null;
  current_period_ends_at: Date | null;
}

/** The plan that a workspace is on: as advice takes it, and as pages show it. */
export async function planOf(db: Db, workspaceId: string) {
  const { rows } = await sql<PlanRow>`
    select p.code, v.name, v.credits as credits_micro, r.period, r.price_minor, r.currency, s.status,
      s.cancel_at_period_end, s.trial_ends_at, s.current_period_ends_at
    from subscriptions s join plan_prices r on r.id = s.plan_price_id join plans p on p.id = r.plan_id
    join plan_versions v on v.plan_id = r.plan_id and v.version = r.plan_version
    where s.workspace_id = ${workspaceId}
      and s.status in ('trialing', 'active', 'past_due')`.execute(db);
  const [row] = rows;
  if (row === undefined) return NO_PLAN;
  const { code, name, credits_micro, period, currency, status, cancel_at_period_end } = row;
  const isTrial = status === 'trialing';
  const ends_at = isTrial ? row.trial_ends_at : row.current_period_ends_at;
  const brings = credits_micro !== null && !cancel_at_period_end && status !== 'past_due';
  const monthly = period === 'month' ? row.price_minor : row.price_minor / 12n;
  const days = ends_at && Math.ceil((ends_at.getTime() - Date.now()) / DAY_MILLISECONDS);
  return {
    plan: {
      ...{ code, name, credits_micro, currency, price_minor: monthly },
      renews_in_days: brings && days !== null && days >= 0 ? days : undefined,
    },
    current_plan: {
      ...{ name, credits_micro: creditsOfPeriod(row), period, currency, status },
      ...{ price_minor: row.price_minor, is_cancelled: cancel_at_period_end },
      ends_at: ends_at ?? undefined,
    },
  };
}
