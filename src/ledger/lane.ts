import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { AppError } from '../lib/errors.ts';
import { databaseCodeOf, isPassingFault } from '../lib/database-faults.ts';
import { Batch, CommandFault, WalletMissing } from './batch.ts';
import type { Outcome } from './outcome.ts';
import { type Statements, statementsOfClient } from './statements.ts';
import { walletsOf } from './what-is-named.ts';

/** A command that waits for its answer. */
interface Waiting {
  command: Command | Transfer;
  at: Instant | undefined;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

const BATCH_MAX = 256;
/** So few are not divided between two transactions: one costs as much as ten commands more in it. */
const BATCH_WHOLE = 16;
/** Transactions at a time: one reads, the others write and wait for the disk. */
const UNDER_WAY_MAX = 3;
const QUEUE_MAX = 10_000;
const TRIES_MAX = 5;
/** For so many wallets at once a lane waits beside itself, each with a connection. */
const BESIDE_MAX = 3;

/**
 * How a transaction comes by its locks: it waits no longer than `connect` says, or takes those that
 * are free, or waits as long as somebody may wait for an answer.
 */
type Patience = 'short' | 'none' | 'long';
const BEGIN: Record<Patience, readonly string[]> = {
  short: ['begin'],
  none: ['begin'],
  long: ['begin', 'set local lock_timeout = 5000'],
};

/**
 * Carries out commands, some in each transaction. While one transaction writes and commits the next
 * one reads, with whatever came meanwhile for wallets that are not in one already. There is no timer:
 * alone, a command goes at once. A wallet that somebody else keeps locked is set aside, with all
 * commands for it until it is free again.
 */
export class Lane {
  private readonly pool: pg.Pool;
  private queue: Waiting[] = [];
  /** The wallets of the transactions under way; how many these are, with how many commands; which one reads. */
  private readonly busy = new Set<string>();
  private underWay = 0;
  private takenCount = 0;
  private reading: readonly Waiting[] | undefined;
  private isDue = false;
  /** What waits for wallets that were set aside, and for which of them a transaction waits. */
  private readonly aside = new Map<string, Waiting[]>();
  private readonly awaited = new Set<string>();

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** @throws AppError 503 `ledger_busy` when too many wait already */
  submit(command: Command | Transfer, at?: Instant): Promise<Outcome> {
    if (this.waiting() >= QUEUE_MAX) return Promise.reject(ledgerBusy());
    return new Promise((resolve, reject) => {
      this.queue.push({ command, at, resolve, reject });
      this.startSoon();
    });
  }

  private waiting(): number {
    let count = this.queue.length;
    for (const line of this.aside.values()) count += line.length;
    return count;
  }

  /** Requests that are read in the same turn of the loop go together. */
  private startSoon(): void {
    if (this.isDue || this.reading !== undefined || this.underWay >= UNDER_WAY_MAX) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      const batch = this.take();
      if (batch.length > 0) void this.run(batch);
    });
  }

  /**
   * At most half of all that is asked for, so that while this half is in the database the program is
   * busy with the other one. Commands of one wallet keep their order: what is passed over holds up
   * what came after it.
   */
  private take(): Waiting[] {
    const half = Math.ceil((this.queue.length + this.takenCount) / 2);
    const most = Math.min(BATCH_MAX, Math.max(BATCH_WHOLE, half));
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const passedOver = new Set<string>();
    for (const one of this.queue) {
      const ids = walletsOf(one.command);
      const line = this.aside.get(firstWalletOf(one));
      if (line !== undefined) line.push(one);
      else if (batch.length < most && !ids.some((id) => this.busy.has(id) || passedOver.has(id))) {
        batch.push(one);
      } else {
        for (const id of ids) passedOver.add(id);
        left.push(one);
      }
    }
    this.queue = left;
    return batch;
  }

  private async run(batch: readonly Waiting[]): Promise<void> {
    const ids = new Set(batch.flatMap(({ command }) => walletsOf(command)));
    for (const id of ids) this.busy.add(id);
    this.underWay += 1;
    this.takenCount += batch.length;
    this.reading = batch;
    await this.carryOut(batch, 'short');
    for (const id of ids) this.busy.delete(id);
    this.underWay -= 1;
    this.takenCount -= batch.length;
    this.letNextRead(batch);
  }

  private letNextRead(batch: readonly Waiting[]): void {
    if (this.reading === batch) this.reading = undefined;
    if (this.queue.length > 0) this.startSoon();
  }

  /** Every command is answered in the end or set aside; this never throws. */
  private async carryOut(batch: readonly Waiting[], patience: Patience): Promise<void> {
    try {
      this.setAside(await this.tryOften(batch, patience));
    } catch (error) {
      if (isLockTimeout(error) && patience === 'short') await this.carryOut(batch, 'none');
      else if (isPassingFault(error)) for (const one of batch) one.reject(ledgerBusy(error));
      else if (batch.length === 1) batch[0]?.reject(error);
      else await this.carryOutHalves(batch, patience);
    }
  }

  /** One of them cannot be written: halves are tried until it stands alone. */
  private async carryOutHalves(batch: readonly Waiting[], patience: Patience): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.carryOut(batch.slice(0, middle), patience);
    await this.carryOut(batch.slice(middle), patience);
  }

  /** They wait beside the lane, by wallet; a transfer does with its sender. */
  private setAside(locked: readonly Waiting[]): void {
    for (const one of locked) {
      const id = firstWalletOf(one);
      const line = this.aside.get(id);
      if (line === undefined) this.aside.set(id, [one]);
      else line.push(one);
    }
    this.waitBeside();
  }

  private waitBeside(): void {
    for (const [id, line] of this.aside) {
      if (this.awaited.size >= BESIDE_MAX) return;
      if (this.awaited.has(id)) continue;
      this.awaited.add(id);
      void this.carryOut(line.splice(0, BATCH_MAX), 'long').then(() => {
        this.awaited.delete(id);
        this.aside.delete(id);
        if (line.length > 0) this.aside.set(id, line);
        this.waitBeside();
      });
    }
  }

  /** Returns those of which a wallet was not to be had, where that was not waited for. */
  private async tryOften(
    batch: readonly Waiting[],
    patience: Patience,
  ): Promise<readonly Waiting[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.transact(batch, patience);
      } catch (error) {
        const last = tries === TRIES_MAX || isLockTimeout(error);
        if (last || !isPassingFault(error)) throw error;
        await wait(Math.random() * 10 * 2 ** tries);
      }
    }
  }

  private async transact(
    batch: readonly Waiting[],
    patience: Patience,
  ): Promise<readonly Waiting[]> {
    const answers = await transaction(this.pool, BEGIN[patience], async (statements) => {
      const ids = batch.flatMap(({ command }) => walletsOf(command));
      const wallets = await Batch.lock(statements, ids, batch, patience === 'none');
      const found: (Outcome | CommandFault)[] = [];
      for (const one of batch) found.push(await runAlone(wallets, one));
      const written = wallets.flush();
      this.letNextRead(batch);
      return { found, written };
    });
    const locked: Waiting[] = [];
    for (const [index, one] of batch.entries()) {
      const answer = answers[index];
      if (patience === 'none' && answer instanceof WalletMissing) locked.push(one);
      else if (answer instanceof CommandFault || answer === undefined) one.reject(answer);
      else one.resolve(answer);
    }
    return locked;
  }
}

function firstWalletOf({ command }: Waiting): string {
  return walletsOf(command)[0] ?? '';
}

/** A fault of the command itself is its own answer; all others end the transaction for all. */
async function runAlone(wallets: Batch, { command, at }: Waiting): Promise<Outcome | CommandFault> {
  try {
    if (command.kind === 'transfer') return await wallets.transfer(command);
    return wallets.run(command, at);
  } catch (error) {
    if (error instanceof CommandFault) return error;
    throw error;
  }
}

/** The lock of a wallet could not be had in time: another transaction dawdles on it. */
function isLockTimeout(error: unknown): boolean {
  return databaseCodeOf(error) === '55P03';
}

function ledgerBusy(cause?: unknown): AppError {
  return new AppError(
    503,
    'ledger_busy',
    'The ledger is busy. Send it again with the same key; it will be counted once.',
    { retry_after_seconds: 1 },
    { cause },
  );
}

/**
 * A transaction in two flights: `begin` leaves with what `work` asks for first, `commit` with what it
 * writes last and does not wait for.
 */
async function transaction(
  pool: pg.Pool,
  begin: readonly string[],
  work: (
    statements: Statements,
  ) => Promise<{ found: (Outcome | CommandFault)[]; written: Promise<unknown> }>,
): Promise<(Outcome | CommandFault)[]> {
  const client = await pool.connect();
  let broken = true;
  try {
    const begun = Promise.all(begin.map((text) => client.query({ name: text, text })));
    const [{ found, written }] = await Promise.all([work(statementsOfClient(client)), begun]);
    const [committed] = await Promise.all([
      client.query({ name: 'commit', text: 'commit' }),
      written,
    ]);
    if (committed.command !== 'COMMIT') throw new Error('the transaction was not committed');
    broken = false;
    return found;
  } catch (error) {
    // When even the rollback fails the connection is gone, and is thrown away below.
    broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
