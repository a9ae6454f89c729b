import { sql } from 'kysely';
import { z } from 'zod';
import type { ReconciledDay } from '../core/reconciliation.ts';
import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import type { Reconciliation as RunRow } from '../lib/tables/reconciliations.ts';
import { newId } from '../lib/ids.ts';
import type { WorkingProvider } from './provider.ts';

/** Which of Stripe's worlds: each has its own runs. */
export interface World {
  provider: WorkingProvider['mode'];
  livemode: boolean;
}

/** What somebody has to look at. */
export interface Finding {
  /** Stripe's id. */
  object: string;
  payment_id: string | null;
  note: string;
  /** Flagged is decided and told; failed is tried again by the next run. */
  state: 'flagged' | 'failed';
}

/** A process that says nothing for so long is taken for dead, and its run is given up. */
const SILENT_MINUTES = 2;
const FINDINGS_MAX = 500;

/** Asks for a run soon. Whether it is asked for now; false: one is asked for or under way already. */
export async function askForRun(
  trx: Trx,
  world: World,
  by: { person_id: string; origin: Origin },
): Promise<boolean> {
  await giveUpSilent(trx, world);
  const added = await trx
    .insertInto('reconciliations')
    .values({ id: newId(), ...world, state: 'asked', asked_by: by.person_id })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return false;
  await audit(trx, {
    actor: { kind: 'person', id: by.person_id },
    action: 'reconciliation.asked_for',
    subject: { kind: 'reconciliation', id: added.id },
    origin: by.origin,
  });
  return true;
}

/** Whether somebody has asked for a run that has not begun. */
export async function isRunAskedFor(db: Db, world: World): Promise<boolean> {
  const row = await selectRuns(db, world).where('state', '=', 'asked').executeTakeFirst();
  return row !== undefined;
}

/**
 * Begins a run: the one that was asked for, or a new one. Undefined while another process runs one.
 */
export async function beginRun(
  trx: Trx,
  world: World,
  since: Date,
): Promise<{ id: string; started_at: Date } | undefined> {
  await giveUpSilent(trx, world);
  const begun = {
    state: 'running',
    since,
    started_at: sql<Date>`now()`,
    heard_at: sql<Date>`now()`,
  } as const;
  const asked = await trx
    .updateTable('reconciliations')
    .set(begun)
    .where('provider', '=', world.provider)
    .where('livemode', '=', world.livemode)
    .where('state', '=', 'asked')
    .returning(['id', 'started_at'])
    .executeTakeFirst();
  const run =
    asked ??
    (await trx
      .insertInto('reconciliations')
      .values({ id: newId(), ...world, ...begun })
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'started_at'])
      .executeTakeFirst());
  if (run === undefined) return undefined;
  return { id: run.id, started_at: run.started_at ?? since };
}

/** The process still runs it. Whether the run is still this process's. */
export async function keepAlive(db: Db, id: string): Promise<boolean> {
  const kept = await db
    .updateTable('reconciliations')
    .set({ heard_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

/** When the last run began that came to its end: what Stripe made before was seen. */
export async function lastRunAt(db: Db, world: World): Promise<Date | undefined> {
  const row = await selectRuns(db, world)
    .where('state', '=', 'done')
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.started_at ?? undefined;
}

export interface Outcome {
  looked_at: number;
  changed: number;
  findings: readonly Finding[];
  days: readonly ReconciledDay[];
  agrees: boolean;
}

/** Writes down what a run came to, with the days that it looked at, each of which is new then. */
export async function finishRun(
  trx: Trx,
  world: World,
  { id, since }: { id: string; since: Date },
  outcome: Outcome,
): Promise<void> {
  const { looked_at, changed, agrees } = outcome;
  const findings = JSON.stringify(outcome.findings.slice(0, FINDINGS_MAX));
  await trx
    .updateTable('reconciliations')
    .set({ state: 'done', finished_at: sql<Date>`now()`, looked_at, changed, agrees, findings })
    .where('id', '=', id)
    .execute();
  await trx
    .deleteFrom('reconciled_days')
    .where('provider', '=', world.provider)
    .where('livemode', '=', world.livemode)
    .where('day', '>=', since)
    .execute();
  for (const { differences, day, ...sums } of outcome.days) {
    const row = { ...world, ...sums, day: new Date(day), reconciliation_id: id };
    const told = JSON.stringify(differences.slice(0, FINDINGS_MAX), writeBigInt);
    await trx
      .insertInto('reconciled_days')
      .values({ ...row, differences: told })
      // A day before the run's window, of something that Stripe dates earlier than we do.
      .onConflict((conflict) =>
        conflict
          .columns(['provider', 'livemode', 'day', 'currency'])
          .doUpdateSet({ ...row, differences: told }),
      )
      .execute();
  }
}

export async function failRun(trx: Trx, id: string, failure: string): Promise<void> {
  await trx
    .updateTable('reconciliations')
    .set({ state: 'failed', finished_at: sql<Date>`now()`, failure: failure.slice(0, 1000) })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** A run as people read it. */
export type Run = Omit<RunReadRow, 'findings'> & { findings: Finding[] };

/** The newest runs. */
export async function newestRuns(db: Db, world: World, count: number): Promise<Run[]> {
  const rows = await selectRuns(db, world).orderBy('created_at', 'desc').limit(count).execute();
  return rows.map((row) => ({ ...row, findings: Findings.parse(row.findings) }));
}

/** What the newest days came to, the newest first. */
export async function newestDays(db: Db, world: World, count: number) {
  const rows = await db
    .selectFrom('reconciled_days')
    .selectAll()
    .where('provider', '=', world.provider)
    .where('livemode', '=', world.livemode)
    .orderBy('day', 'desc')
    .orderBy('currency')
    .limit(count)
    .execute();
  return rows.map((row) => ({ ...row, differences: Differences.parse(row.differences) }));
}

type RunReadRow = Awaited<ReturnType<ReturnType<typeof selectRuns>['execute']>>[number];

function selectRuns(db: Db, world: World) {
  return db
    .selectFrom('reconciliations')
    .select(['id', 'state', 'asked_by', 'since', 'started_at', 'finished_at', 'created_at'])
    .select(['looked_at', 'changed', 'findings', 'agrees', 'failure'])
    .where('provider', '=', world.provider)
    .where('livemode', '=', world.livemode);
}

async function giveUpSilent(trx: Trx, { provider, livemode }: World): Promise<void> {
  const over: Pick<RunRow, 'state' | 'failure'> = {
    state: 'failed',
    failure: 'the process that ran it has ended',
  };
  await trx
    .updateTable('reconciliations')
    .set({ ...over, finished_at: sql<Date>`now()` })
    .where('provider', '=', provider)
    .where('livemode', '=', livemode)
    .where('state', '=', 'running')
    .where('heard_at', '<', sql<Date>`now() - make_interval(mins => ${SILENT_MINUTES})`)
    .execute();
}

function writeBigInt(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

const Findings = z.array(
  z.object({
    object: z.string(),
    payment_id: z.string().nullable(),
    note: z.string(),
    state: z.enum(['flagged', 'failed']),
  }),
);

const wholeNumber = z.string().transform(BigInt).optional();
const Differences = z.array(
  z.object({
    kind: z.enum(['charge', 'refund', 'dispute', 'credits']),
    id: z.string(),
    payment_id: z.string().optional(),
    at_stripe: wholeNumber,
    booked: wholeNumber,
  }),
);
