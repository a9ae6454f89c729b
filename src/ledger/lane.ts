import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { AppError } from '../lib/errors.ts';
import { databaseCodeOf, isPassingFault } from '../lib/database-faults.ts';
import { Batch, CommandFault } from './batch.ts';
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
const QUEUE_MAX = 4_000;
const TRIES_MAX = 5;
/** The connections wait for a lock no longer than `connect` says; then the wallet is set aside. */
const BEGIN = ['begin'];
const BEGIN_PATIENTLY = ['begin', 'set local lock_timeout = 5000'];

/**
 * Carries out the commands of some wallets, one transaction at a time: whatever came while the last
 * one ran is the next one. There is no timer: alone, a command goes at once.
 */
export class Lane {
  private readonly pool: pg.Pool;
  private queue: Waiting[] = [];
  private running = false;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  /** @throws AppError 503 `ledger_busy` when too many wait already */
  submit(command: Command | Transfer, at?: Instant): Promise<Outcome> {
    if (this.queue.length >= QUEUE_MAX) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.queue.push({ command, at, resolve, reject });
      if (!this.running) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, BATCH_MAX);
      await this.carryOut(batch);
    }
    this.running = false;
  }

  /** Every command is answered in the end; this never throws. */
  private async carryOut(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.tryOften(batch, BEGIN);
    } catch (error) {
      if (isLockTimeout(error)) this.setAside(batch);
      else if (isPassingFault(error)) for (const one of batch) one.reject(busy(error));
      else if (batch.length === 1) batch[0]?.reject(error);
      else await this.carryOutHalves(batch);
    }
  }

  /** One of them cannot be written: halves are tried until it stands alone. */
  private async carryOutHalves(batch: readonly Waiting[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.carryOut(batch.slice(0, middle));
    await this.carryOut(batch.slice(middle));
  }

  /** Each wallet waits for its own lock, beside the lane; a transfer does with its sender. */
  private setAside(batch: readonly Waiting[]): void {
    for (const own of Map.groupBy(batch, (one) => walletsOf(one.command)[0]).values()) {
      this.tryOften(own, BEGIN_PATIENTLY).catch((error: unknown) => {
        const answer = isPassingFault(error) ? busy(error) : error;
        for (const one of own) one.reject(answer);
      });
    }
  }

  private async tryOften(batch: readonly Waiting[], begin: readonly string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.transact(batch, begin);
        return;
      } catch (error) {
        const last = tries === TRIES_MAX || isLockTimeout(error);
        if (last || !isPassingFault(error)) throw error;
        await wait(Math.random() * 10 * 2 ** tries);
      }
    }
  }

  private async transact(batch: readonly Waiting[], begin: readonly string[]): Promise<void> {
    const answers = await transaction(this.pool, begin, async (statements) => {
      const ids = batch.flatMap(({ command }) => walletsOf(command));
      const wallets = await Batch.lock(statements, ids, batch);
      const found: (Outcome | CommandFault)[] = [];
      for (const one of batch) found.push(await runAlone(wallets, one));
      return { found, written: wallets.flush() };
    });
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer instanceof CommandFault || answer === undefined) reject(answer);
      else resolve(answer);
    }
  }
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

function busy(cause?: unknown): AppError {
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
