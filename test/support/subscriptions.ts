import { startFreePlan } from '../../src/billing/free-plans.ts';
import { type NewPlan, type PlanPrice, addPlan, plansOnSale } from '../../src/billing/plans.ts';
import { type Subscription, findSubscription } from '../../src/billing/subscriptions.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Customer, TestProgram } from './program.ts';
import { CREDIT } from './wallet-states.ts';

/** A plan of a test's own, on sale for so many cents a month and ten times as much a year. */
export async function newPlan(
  program: Pick<TestProgram, 'database'>,
  monthly_minor: bigint,
  more: Partial<NewPlan> = {},
): Promise<{ month: PlanPrice; year: PlanPrice }> {
  const code = `plan-${newId()}`;
  const { app } = program.database.connections;
  await app.transaction().execute((trx) =>
    addPlan(trx, {
      code,
      name: 'Crew',
      credits_micro: 100n * CREDIT,
      rollover_cap_micro: null,
      trial_days: 0,
      position: 100,
      prices: [
        { period: 'month', currency: 'USD', price_minor: monthly_minor },
        { period: 'year', currency: 'USD', price_minor: monthly_minor * 10n },
      ],
      made_by: 'test',
      ...more,
    }),
  );
  const found = (await plansOnSale(program.database.connections.staff, 'USD')).filter(
    (plan) => plan.code === code,
  );
  const [month, year] = [
    found.find(({ period }) => period === 'month'),
    found.find(({ period }) => period === 'year'),
  ];
  if (month === undefined || year === undefined) throw new Error(`${code} is not on sale`);
  return { month, year };
}

/** Who signed up, as the row that owns their workspace. */
export async function ownerOf(program: TestProgram, customer: Customer): Promise<string> {
  const [row] = await program.database.query<{ person_id: string }>(
    'select person_id from memberships where workspace_id = $1',
    [customer.workspace_id],
  );
  if (row === undefined) throw new Error('the workspace has no owner');
  return row.person_id;
}

/** Begins a plan that costs nothing. */
export async function startFree(
  program: TestProgram,
  customer: Customer,
  plan: PlanPrice,
  now = new Date(),
): Promise<string | undefined> {
  const person_id = await ownerOf(program, customer);
  const { workspace_id } = customer;
  return inWorkspace(program.database.connections.app, workspace_id, (trx) =>
    startFreePlan(trx, { workspace_id, person_id, plan, origin: {} }, now),
  );
}

export async function subscriptionOf(
  program: Pick<TestProgram, 'database'>,
  id: string,
): Promise<Subscription> {
  const found = await findSubscription(program.database.connections.staff, id);
  if (found === undefined) throw new Error(`there is no subscription ${id}`);
  return found;
}

interface Granted {
  kind: string;
  credits: string | null;
  starts_at: Date;
  ends_at: Date;
  [column: string]: unknown;
}

/** What a subscription has granted, in the order of time. */
export function grantsOf(program: Pick<TestProgram, 'database'>, id: string): Promise<Granted[]> {
  return program.database.query<Granted>(
    `select kind, credits::text, starts_at, ends_at from plan_grants
     where subscription_id = $1 order by starts_at, kind`,
    [id],
  );
}
