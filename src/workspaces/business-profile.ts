import { type RawBuilder, sql } from 'kysely';
import type { BrandVoice, GoalTerms, IdealCustomer } from '../core/business-profiles.ts';
import type { FactKind } from '../core/milestones.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';

/** A goal, and how far a business has come. */
export interface MarketingGoal extends GoalTerms {
  id: string;
  reached: number;
}

/** What a business says of itself, for products that write in its name. */
export interface BusinessProfile {
  /** The code of a template, or `other`; '' until it is said. */
  industry: string;
  about: string;
  brand_voice: BrandVoice | null;
  ideal_customer: IdealCustomer;
  goals: readonly MarketingGoal[];
}

/** Another state of a profile. A goal keeps what is not said: its id, and how far it has come. */
export type ProfileTerms = Omit<BusinessProfile, 'goals'> & {
  goals: readonly (GoalTerms & { id?: string | undefined; reached?: number | undefined })[];
};

/** Who changes something of a workspace, from where. */
export interface ProfileDeed {
  workspace_id: string;
  by: string;
  origin: Origin;
}

/** The profile of a workspace; of one that has said nothing an empty one. */
export async function readBusinessProfile(db: Db, workspaceId: string): Promise<BusinessProfile> {
  const row = await db
    .selectFrom('business_profiles')
    .select(['industry', 'about', 'brand_voice', 'customer_roles', 'customer_companies'])
    .select(['customer_places', 'customer_needs'])
    .where('workspace_id', '=', workspaceId)
    .executeTakeFirst();
  const goals = await db
    .selectFrom('marketing_goals')
    .select(['id', 'title', 'measure', 'target', 'reached'])
    .where('workspace_id', '=', workspaceId)
    .orderBy('position')
    .execute();
  return {
    industry: row?.industry ?? '',
    about: row?.about ?? '',
    brand_voice: row?.brand_voice ?? null,
    ideal_customer: {
      roles: row?.customer_roles ?? '',
      companies: row?.customer_companies ?? '',
      places: row?.customer_places ?? '',
      needs: row?.customer_needs ?? '',
    },
    goals: goals.map(({ target, reached, ...goal }) => ({
      ...goal,
      target: Number(target),
      reached: Number(reached),
    })),
  };
}

/**
 * Keeps what a business says of itself. A goal is known by its id, or else by its title. The audit
 * says what was changed and not into what: it is kept for ever, and this is the business's own.
 */
export async function keepBusinessProfile(
  trx: Trx,
  deed: ProfileDeed,
  terms: ProfileTerms,
): Promise<void> {
  const before = await lockBusinessProfile(trx, deed.workspace_id);
  const after: BusinessProfile = { ...terms, goals: goalsFrom(terms.goals, before.goals) };
  const fields = ['industry', 'about', 'brand_voice', 'ideal_customer', 'goals'] as const;
  const changed = fields.filter((field) => toText(before[field]) !== toText(after[field]));
  if (changed.length === 0) return;
  const { roles, companies, places, needs } = after.ideal_customer;
  await trx
    .updateTable('business_profiles')
    .set({
      ...{ industry: after.industry, about: after.about, brand_voice: after.brand_voice },
      ...{ customer_roles: roles, customer_companies: companies },
      ...{ customer_places: places, customer_needs: needs, updated_at: new Date() },
    })
    .where('workspace_id', '=', deed.workspace_id)
    .execute();
  if (changed.includes('goals')) await replaceGoals(trx, deed.workspace_id, after.goals);
  await tell(trx, deed, 'business_profile.changed', { changed });
}

/** Says how far a goal has come. One that is gone is left so. */
export async function setGoalReached(
  trx: Trx,
  deed: ProfileDeed,
  goal: { id: string; reached: number },
): Promise<void> {
  const { goals } = await lockBusinessProfile(trx, deed.workspace_id);
  const before = goals.find(({ id }) => id === goal.id);
  if (before === undefined || before.reached === goal.reached) return;
  await trx
    .updateTable('marketing_goals')
    .set({ reached: BigInt(goal.reached) })
    .where('workspace_id', '=', deed.workspace_id)
    .where('id', '=', goal.id)
    .execute();
  await tell(trx, deed, 'business_profile.goal_counted', { reached: goal.reached });
}

/** Takes the profile of a workspace away that ends. */
export async function eraseBusinessProfile(trx: Trx, workspaceId: string): Promise<void> {
  await trx.deleteFrom('marketing_goals').where('workspace_id', '=', workspaceId).execute();
  await trx.deleteFrom('business_profiles').where('workspace_id', '=', workspaceId).execute();
}

type Filled = Extract<
  FactKind,
  'business_info_given' | 'marketing_goals_set' | 'ideal_customer_told'
>;

/** What of a profile is filled in, as columns of a statement that reads facts of a workspace. */
export function filledIn(workspaceId: string): RawBuilder<Record<Filled, boolean>> {
  const profileWith = (filled: RawBuilder<unknown>) =>
    sql`exists (select from business_profiles where workspace_id = ${workspaceId} and ${filled})`;
  return sql`
    ${profileWith(sql`industry <> '' and about <> '' and brand_voice is not null`)}
      as business_info_given,
    ${profileWith(sql`customer_roles <> '' and customer_companies <> '' and customer_needs <> ''`)}
      as ideal_customer_told,
    exists (select from marketing_goals where workspace_id = ${workspaceId}) as marketing_goals_set`;
}

/** Whoever changes it takes turns at its row, also where nothing was said yet. */
async function lockBusinessProfile(trx: Trx, workspaceId: string): Promise<BusinessProfile> {
  await trx
    .insertInto('business_profiles')
    .values({ workspace_id: workspaceId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await trx
    .selectFrom('business_profiles')
    .select('workspace_id')
    .where('workspace_id', '=', workspaceId)
    .forNoKeyUpdate()
    .execute();
  return readBusinessProfile(trx, workspaceId);
}

function goalsFrom(goals: ProfileTerms['goals'], known: readonly MarketingGoal[]): MarketingGoal[] {
  const untold = known.filter((one) => !goals.some(({ id }) => id === one.id));
  return goals.map(({ title, measure, target, id, reached }) => {
    const same =
      id === undefined
        ? untold.find((one) => one.title === title)
        : known.find((one) => one.id === id);
    return {
      ...{ id: same?.id ?? newId(), title, measure, target },
      reached: reached ?? same?.reached ?? 0,
    };
  });
}

async function replaceGoals(
  trx: Trx,
  workspace_id: string,
  goals: readonly MarketingGoal[],
): Promise<void> {
  await trx.deleteFrom('marketing_goals').where('workspace_id', '=', workspace_id).execute();
  if (goals.length === 0) return;
  await trx
    .insertInto('marketing_goals')
    .values(
      goals.map(({ id, title, measure, target, reached }, position) => ({
        ...{ workspace_id, id, title, measure, position },
        ...{ target: BigInt(target), reached: BigInt(reached) },
      })),
    )
    .execute();
}

async function tell(
  trx: Trx,
  { workspace_id, by, origin }: ProfileDeed,
  action: string,
  after: Record<string, unknown>,
): Promise<void> {
  await audit(trx, {
    workspace_id,
    actor: { kind: 'person', id: by },
    action,
    subject: { kind: 'workspace', id: workspace_id },
    ...{ after, origin },
  });
}

function toText(value: unknown): string {
  return JSON.stringify(value);
}
