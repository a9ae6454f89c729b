import type pg from 'pg';
import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { markAfterCommit } from '../lib/after-commit.ts';
import type { ChangeNotices } from '../lib/change-notices.ts';
import type { Trx } from '../lib/database.ts';
import { Batch } from './batch.ts';
import { KnownWallets } from './known-wallets.ts';
import { Lane } from './lane.ts';
import type { Outcome } from './outcome.ts';
import { type Statements, statementsAsLedger, statementsOfTransaction } from './statements.ts';

export type { Outcome } from './outcome.ts';

/** The wallets of one transaction, locked: commands run one after the other and see each other. */
export interface LockedWallets {
  /** `at` is for seeding and import only: in the past, and not before the wallet's last entry. */
  run(command: Command | Transfer, at?: Instant): Promise<Outcome>;
}

export interface Ledger {
  /**
   * Carries out one command. It is committed when this returns; commands that are asked for at the
   * same time share transactions, and a refusal or a fault of one concerns no other. A transfer is
   * in both wallets or in neither, and is answered for the sender.
   * @throws AppError 503 `ledger_busy`: asking again with the same key is safe
   */
  execute(command: Command | Transfer, at?: Instant): Promise<Outcome>;
  /** How many commands wait for a transaction. */
  waiting(): number;
}

/**
 * @param pool connections in the ledger's role
 * @param notices tell all processes which wallets may have changed, after the commands were answered
 * @param onBatch is told of how many commands share a transaction
 */
export function createLedger(
  pool: pg.Pool,
  notices?: ChangeNotices,
  onBatch?: (commands: number) => void,
): Ledger {
  const known = new KnownWallets();
  const lane = new Lane(pool, known, notices, onBatch);
  // Transfers wait for two wallets each, and nobody else is to wait with them.
  const transfers = new Lane(pool, known, notices, onBatch);
  return {
    execute: (command, at) =>
      command.kind === 'transfer' ? transfers.submit(command) : lane.submit(command, at),
    waiting: () => lane.waiting() + transfers.waiting(),
  };
}

/**
 * For business code that needs more than the ledger in one transaction: locks all its wallets once,
 * in the order of their ids, and carries out commands on them. Lock your own rows before. A command
 * for a wallet outside the list throws. To undo what was run, throw: returning commits.
 */
export async function within<Result>(
  trx: Trx,
  walletIds: readonly string[],
  work: (wallets: LockedWallets) => Promise<Result>,
): Promise<Result> {
  await markAfterCommit(trx, walletIds);
  return withinLocked(statementsOfTransaction(trx), walletIds, work);
}

/**
 * As `within`, for wallets of several workspaces: a referral that rewards two, a transfer. Row-level
 * security hides the others from the transaction, so the caller has made sure that they are meant.
 */
export async function withinWorkspaces<Result>(
  trx: Trx,
  walletIds: readonly string[],
  work: (wallets: LockedWallets) => Promise<Result>,
): Promise<Result> {
  await markAfterCommit(trx, walletIds);
  return withinLocked(statementsAsLedger(trx), walletIds, work);
}

async function withinLocked<Result>(
  statements: Statements,
  walletIds: readonly string[],
  work: (wallets: LockedWallets) => Promise<Result>,
): Promise<Result> {
  const batch = await Batch.lock(statements, walletIds, []);
  return work({
    run: async (command, at) => {
      await batch.lookUp([{ command, at }]);
      const outcome =
        command.kind === 'transfer' ? await batch.transfer(command) : batch.run(command, at);
      await batch.flush();
      return outcome;
    },
  });
}
