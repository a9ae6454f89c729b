import { sql } from 'kysely';
import type { Database, Db } from '../lib/database.ts';

const LOOKED_AT_MAX = 200;

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
  budget: bigint | null;
  granted: bigint;
  counts: { state: Database['welcome_claims']['state']; claims: number }[];
}

/** The welcome credits as the staff see them: who waits for somebody, the oldest first. */
export async function welcomeReport(staff: Db): Promise<WelcomeReport> {
  const claims = await staff
    .selectFrom('welcome_claims as c')
    .innerJoin('people as p', 'p.id', 'c.person_id')
    .innerJoin('workspaces as w', 'w.id', 'c.workspace_id')
    .select(['c.workspace_id', 'w.name as workspace', 'p.name', 'p.email', 'c.reason'])
    .select(['c.address_block', 'c.amount', 'c.created_at'])
    .select(sql<boolean>`p.email_verified_at is not null`.as('verified'))
    .where('c.state', '=', 'review')
    .orderBy('c.created_at')
    .limit(LOOKED_AT_MAX)
    .execute();
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
  return { claims, ...campaign, counts };
}
