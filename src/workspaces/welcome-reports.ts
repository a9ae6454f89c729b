import { sql } from 'kysely';
import type { Database, Db } from '../lib/database.ts';

const PAGE = 50;

/** A claim that somebody has to decide. */
export interface ClaimInReview {
  workspace_id: string;
  workspace: string;
  name: string;
  email: string;
  verified: boolean;
  reason: Database['welcome_claims']['reason'];
  address_block: string | null;
  amount: bigint;
  created_at: Date;
}

export interface WelcomeReport {
  claims: ClaimInReview[];
  /** After which claim the next page begins; undefined on the last one. */
  next: string | undefined;
  budget: bigint | null;
  granted: bigint;
  counts: { state: Database['welcome_claims']['state']; claims: number }[];
}

/** How many claims wait for somebody. */
export async function claimsInReview(staff: Db): Promise<number> {
  const { waiting } = await staff
    .selectFrom('welcome_claims')
    .select(sql<number>`count(*)::int`.as('waiting'))
    .where('state', '=', 'review')
    .executeTakeFirstOrThrow();
  return waiting;
}

/**
 * The welcome credits as the staff see them: who waits for somebody, the oldest first.
 * @param after the workspace with which the page before ended
 */
export async function welcomeReport(staff: Db, after: string | undefined): Promise<WelcomeReport> {
  let query = staff
    .selectFrom('welcome_claims as c')
    .innerJoin('people as p', 'p.id', 'c.person_id')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .select(['c.workspace_id', 'w.name as workspace', 'p.name', 'p.email', 'c.reason'])
    .select(['c.address_block', 'c.amount', 'c.created_at'])
    .select(sql<boolean>`p.email_verified_at is not null`.as('verified'))
    .where('c.state', '=', 'review')
    // Made with the claim, so that their ids are in the order of the claims.
    .orderBy('c.workspace_id')
    .limit(PAGE + 1);
  if (after !== undefined) query = query.where('c.workspace_id', '>', after);
  const rows = await query.execute();
  const claims = rows.slice(0, PAGE);
  const campaign = await staff
    .selectFrom('welcome_campaigns')
    .select(['budget', 'granted'])
    .executeTakeFirstOrThrow();
  const counts = await staff
    .selectFrom('welcome_claims')
    .select(['state', sql<number>`count(*)::int`.as('claims')])
    .groupBy('state')
    .orderBy('state')
    .execute();
  const next = rows.length > PAGE ? claims.at(-1)?.workspace_id : undefined;
  return { claims, next, ...campaign, counts };
}
