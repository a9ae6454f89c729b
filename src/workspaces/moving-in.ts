import { sql } from 'kysely';
import { OPENS_BALANCES } from '../core/moving-in.ts';
import type { Connections, Db } from '../lib/database.ts';
import {
  type Count,
  type Fault,
  type Line,
  compare,
  countStaged,
  faultsIn,
  stage,
  sumsOf,
  toTakeIn,
} from './moving-in/staging.ts';
import { type From, keepHistory, openBalances } from './moving-in/taking-in.ts';

export type { Count, Fault, Line } from './moving-in/staging.ts';
export type { From } from './moving-in/taking-in.ts';

/** What was found in a file, and what was done about it. */
export interface MovedIn {
  counts: Count[];
  /** The first of them; with one nothing is taken in. */
  faults: Fault[];
  /** Undefined when nothing was to be written. */
  sums: Awaited<ReturnType<typeof sumsOf>> | undefined;
}

const FAULTS_SHOWN = 100;
/** In one transaction: all of them are taken in, or none. */
const BALANCES_AT_ONCE = 50;
const LINES_AT_ONCE = 1_000;
/** So that two do not move in the same at once. */
const ONE_AT_A_TIME = 6_064;

/**
 * Takes in a file of one form, or only says what it would: a line that was taken in before is left as
 * it is, and with a line that does not fit nothing is taken in. Killed on its way, it goes on where
 * it was when it is asked again.
 * @throws Error while another one is under way
 */
export async function moveIn(
  { app, staff, ledgerJobs }: Pick<Connections, 'app' | 'staff' | 'ledgerJobs'>,
  lines: AsyncIterable<Line>,
  { apply, ...from }: From & { apply: boolean },
): Promise<MovedIn> {
  return staff.connection().execute(async (db) => {
    await takeTurn(db);
    try {
      await stage(db, lines);
      await compare(db, from.form, from.system);
      const [counts, faults] = [await countStaged(db), await faultsIn(db, FAULTS_SHOWN)];
      if (!apply || faults.length > 0) return { counts, faults, sums: undefined };
      if (OPENS_BALANCES.has(from.form)) {
        for await (const rows of toTakeIn(db, BALANCES_AT_ONCE)) {
          await app.transaction().execute((trx) => openBalances(trx, from, rows));
        }
      } else {
        for await (const rows of toTakeIn(db, LINES_AT_ONCE)) {
          await ledgerJobs.transaction().execute((trx) => keepHistory(trx, from, rows));
        }
      }
      return { counts, faults, sums: await sumsOf(db, from.form, from.system) };
    } finally {
      await sql`drop table if exists moving`.execute(db);
      await sql`select pg_advisory_unlock(${ONE_AT_A_TIME})`.execute(db);
    }
  });
}

async function takeTurn(db: Db): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_lock(${ONE_AT_A_TIME}) as taken`.execute(db);
  if (rows[0]?.taken !== true) throw new Error('Another file is being moved in: wait for it.');
}
