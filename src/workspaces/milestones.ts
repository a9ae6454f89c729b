import { sql } from 'kysely';
import {
  FACT_KINDS,
  type FactKind,
  type Milestone,
  type MilestoneFacts,
  type OperationUse,
  keyOf,
  newlyReached,
  progressOf,
} from '../core/milestones.ts';
import { within } from '../ledger/ledger.ts';
import { LAST_SEQ, totalsByOperation } from '../ledger/totals.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Db, type Trx, inWorkspace } from '../lib/database.ts';
import { filledIn } from './business-profile.ts';

/** Something to do first, and the page of a workspace where it is done. */
type Step = Milestone & { page: string };

/** What the seller leads people to do, and gives for it. */
export interface MilestoneProgramme {
  steps: readonly Step[];
  /** For all steps. */
  completion_micro: bigint;
  achievements: readonly Milestone[];
}

/** Where a step is done: an address on its own page, all else on a page of the workspace. */
export function hrefOfStep({ when, page }: Step, base: string): string {
  return when.kind === 'address_verified' ? '/verify' : `${base}${page}`;
}

/** A milestone as a page shows it. */
export interface ShownMilestone {
  code: string;
  title: string;
  reward_micro: bigint;
  done: boolean;
  reached_at: Date | undefined;
  progress: { reached: bigint; wanted: bigint } | undefined;
}

/** What a workspace has done of what the seller leads to. */
export interface MilestoneReport {
  steps: (ShownMilestone & { href: string })[];
  completion_micro: bigint;
  completed: boolean;
  achievements: ShownMilestone[];
  /** Somebody does not want to be led at the moment. */
  left: boolean;
}

/** Reads how far a workspace has come. What was reached once stays so. */
export async function milestonesOf(
  db: Db,
  workspaceId: string,
  programme: MilestoneProgramme,
  base: string,
): Promise<MilestoneReport> {
  const kept = await keptOf(db, workspaceId);
  const facts = await factsOf(db, workspaceId);
  const shown = (milestone: Milestone): ShownMilestone => {
    const progress = progressOf(milestone.when, facts);
    const reached_at = kept.get(keyOf(milestone));
    const isNow = progress !== undefined && progress.reached >= progress.wanted;
    const { code, title, reward_micro } = milestone;
    return {
      code,
      title,
      reward_micro,
      reached_at,
      progress,
      done: reached_at !== undefined || isNow,
    };
  };
  const { first_steps_left_at } = await db
    .selectFrom('workspaces')
    .select('first_steps_left_at')
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow();
  return {
    steps: programme.steps.map((step) => ({ ...shown(step), href: hrefOfStep(step, base) })),
    completion_micro: programme.completion_micro,
    completed: kept.has(COMPLETION),
    achievements: programme.achievements.map(shown),
    left: first_steps_left_at !== null,
  };
}

/** The steps that were reached, by one cheap read; undefined when they are left for later. */
export async function reachedSteps(db: Db, workspaceId: string): Promise<Set<string> | undefined> {
  const found = await db
    .selectFrom('workspaces as w')
    .leftJoin('milestones as m', (join) =>
      join.onRef('m.workspace_id', '=', 'w.id').on('m.kind', '=', 'step'),
    )
    .select(['w.first_steps_left_at', 'm.code'])
    .where('w.id', '=', workspaceId)
    .execute();
  if (found.some((row) => row.first_steps_left_at !== null)) return undefined;
  return new Set(found.flatMap(({ code }) => code ?? []));
}

/** Leaves the first steps for later, or takes them up again. */
export async function leaveFirstSteps(
  trx: Trx,
  workspaceId: string,
  leave: boolean,
): Promise<void> {
  await trx
    .updateTable('workspaces')
    .set({ first_steps_left_at: leave ? sql<Date>`now()` : null })
    .where('id', '=', workspaceId)
    .execute();
}

/**
 * Keeps what a workspace has reached since it was looked at last, and gives the rewards: each once,
 * however often and by however many processes this runs.
 * @param db as the app
 */
export async function rewardWorkspace(
  db: Db,
  workspaceId: string,
  programme: MilestoneProgramme,
): Promise<void> {
  const all = [...programme.steps, ...programme.achievements];
  await inWorkspace(db, workspaceId, async (trx) => {
    const kept = await keptOf(trx, workspaceId);
    const isCompleted = kept.has(COMPLETION) || programme.steps.length === 0;
    if (isCompleted && all.every((one) => kept.has(keyOf(one)))) return;
    const facts = await factsOf(trx, workspaceId);
    const reached = newlyReached(all, facts, new Set(kept.keys()));
    if (reached.length > 0) await takeTurn(trx, workspaceId);
    for (const milestone of reached) await reach(trx, workspaceId, milestone);
    await complete(trx, workspaceId, programme);
  });
}

/**
 * A product says that a step of its own is done: a profile is filled in, say. Once for ever, however
 * often it is told. The transaction names the workspace.
 */
export async function tellStep(
  trx: Trx,
  workspaceId: string,
  programme: MilestoneProgramme,
  code: string,
): Promise<void> {
  const step = programme.steps.find((one) => one.code === code && one.when.kind === 'told');
  if (step === undefined) throw new Error(`no step ${code} is told of`);
  await takeTurn(trx, workspaceId);
  await reach(trx, workspaceId, step);
  await complete(trx, workspaceId, programme);
}

const COMPLETION = keyOf({ kind: 'completion', code: 'first-steps' });

async function keptOf(db: Db, workspaceId: string): Promise<Map<string, Date>> {
  const rows = await db
    .selectFrom('milestones')
    .select(['kind', 'code', 'reached_at'])
    .where('workspace_id', '=', workspaceId)
    .execute();
  return new Map(rows.map((row) => [keyOf(row), row.reached_at]));
}

async function factsOf(db: Db, workspaceId: string): Promise<MilestoneFacts> {
  const walletId = await walletIdOf(db, workspaceId);
  const totals = await totalsByOperation(db, walletId, 0n, LAST_SEQ);
  const uses = new Map<string, OperationUse>();
  for (const { kind, operation, entries, quantity } of totals) {
    const { charges, quantity: used } = uses.get(operation) ?? { charges: 0n, quantity: 0n };
    if (kind === 'debit' || kind === 'capture') {
      uses.set(operation, { charges: charges + entries, quantity: used + quantity });
    } else if (kind === 'refund') {
      // Only what was corrected says a quantity: it was charged anew.
      uses.set(operation, { charges, quantity: used - quantity });
    }
  }
  const { rows } = await sql<Record<FactKind, boolean>>`
    select
      exists (select from lots where wallet_id = ${walletId} and source = 'purchase') as bought,
      exists (
        select from memberships m join people p on p.id = m.person_id
        where m.workspace_id = ${workspaceId} and m.role = 'owner' and p.email_verified_at is not null
      ) as address_verified,
      exists (select from api_keys where workspace_id = ${workspaceId}) as key_made,
      (select count(*) > 1 from memberships where workspace_id = ${workspaceId}) as member_joined,
      ${filledIn(workspaceId)}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a row without a table is missing');
  return { uses, so: new Set(FACT_KINDS.filter((kind) => row[kind])) };
}

/** Of two that reach the last steps at once, the second sees what the first has kept. */
async function takeTurn(trx: Trx, workspaceId: string): Promise<void> {
  await trx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .forNoKeyUpdate()
    .execute();
}

/** Who writes the row gives the reward. */
async function reach(
  trx: Trx,
  workspaceId: string,
  { kind, code, title, reward_micro }: Omit<Milestone, 'kind' | 'when'> & { kind: MilestoneKind },
): Promise<void> {
  const row = { workspace_id: workspaceId, kind, code, reward: reward_micro };
  const added = await trx
    .insertInto('milestones')
    .values(row)
    .onConflict((conflict) => conflict.columns(['workspace_id', 'kind', 'code']).doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n || reward_micro === 0n) return;
  const wallet_id = await walletIdOf(trx, workspaceId);
  const outcome = await within(trx, [wallet_id], (wallets) =>
    wallets.run({
      kind: 'grant',
      wallet_id,
      amount_micro: reward_micro,
      source: 'reward',
      expires_at: null,
      key: { namespace: 'milestone', key: keyOf({ kind, code }) },
      asked: { actor_kind: 'system' },
      details: { description: title },
    }),
  );
  if (outcome.outcome === 'refused') {
    throw new Error(`the reward for ${code} was refused: ${outcome.refusal.code}`);
  }
}

type MilestoneKind = Milestone['kind'] | 'completion';

async function complete(
  trx: Trx,
  workspaceId: string,
  { steps, completion_micro }: MilestoneProgramme,
): Promise<void> {
  if (steps.length === 0) return;
  const kept = await keptOf(trx, workspaceId);
  if (kept.has(COMPLETION) || !steps.every((step) => kept.has(keyOf(step)))) return;
  await reach(trx, workspaceId, {
    kind: 'completion',
    code: 'first-steps',
    title: 'First steps',
    reward_micro: completion_micro,
  });
}
