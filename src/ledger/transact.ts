import type pg from 'pg';
import type { Instant } from '../core/instant.ts';
import { Batch } from './batch.ts';
import { CommandFault } from './books.ts';
import type { KnownWallet } from './known-wallets.ts';
import type { Outcome } from './outcome.ts';
import { statementsOfClient } from './statements.ts';
import { type AskedCommand, walletsOf } from './what-is-named.ts';

/**
 * How a transaction comes by its locks: it waits no longer than `connect` says, or takes those that
 * are free, or waits as long as somebody may wait for an answer.
 */
export type Patience = 'short' | 'none' | 'long';
const BEGIN: Record<Patience, readonly string[]> = {
  short: ['begin'],
  none: ['begin'],
  long: ['begin', 'set local lock_timeout = 5000'],
};

/** What came of a transaction that is committed. */
interface Committed {
  /** To each command, in their order. */
  answers: readonly (Outcome | CommandFault)[];
  wallets: readonly KnownWallet[];
  now: Instant;
}

/**
 * Carries out commands in a transaction of two flights: `begin` leaves with all reads, `commit` with
 * all writes.
 * @param onDecided is called when all is decided and sent
 */
export async function transact(
  pool: pg.Pool,
  asked: readonly AskedCommand[],
  patience: Patience,
  onDecided: () => void,
): Promise<Committed> {
  const client = await pool.connect();
  let broken = true;
  try {
    const begun = Promise.all(BEGIN[patience].map((text) => client.query({ name: text, text })));
    const ids = asked.flatMap(({ command }) => walletsOf(command));
    const [batch] = await Promise.all([
      Batch.lock(statementsOfClient(client), ids, asked, patience === 'none' ? 'free' : 'all'),
      begun,
    ]);
    const answers: (Outcome | CommandFault)[] = [];
    for (const one of asked) answers.push(await runAlone(batch, one));
    const written = batch.flush();
    onDecided();
    const [committed] = await Promise.all([
      client.query({ name: 'commit', text: 'commit' }),
      written,
    ]);
    if (committed.command !== 'COMMIT') throw new Error('the transaction was not committed');
    broken = false;
    return { answers, wallets: batch.left(performance.now()), now: batch.now };
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

/** A fault of the command itself is its own answer; all others end the transaction for all. */
async function runAlone(
  batch: Batch,
  { command, at }: AskedCommand,
): Promise<Outcome | CommandFault> {
  try {
    if (command.kind === 'transfer') return await batch.transfer(command);
    return batch.run(command, at);
  } catch (error) {
    if (error instanceof CommandFault) return error;
    throw error;
  }
}
