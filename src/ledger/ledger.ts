import type pg from 'pg';
import { type Command, type Refusal, contentOf } from '../core/commands.ts';
import { decide } from '../core/decide.ts';
import type { Instant } from '../core/instant.ts';
import type { Entry, WalletState } from '../core/wallet.ts';
import type { Trx } from '../lib/database.ts';
import { contentHash, keyHash } from './keys.ts';
import { lockAndRead, readClock, readKey, readNamed } from './read-state.ts';
import { type Statements, statementsOfClient, statementsOfTransaction } from './statements.ts';
import { write } from './write.ts';

/** The answer to a command. `replayed` tells a first answer from its repetition. */
export type Outcome =
  | {
      outcome: 'done';
      replayed: boolean;
      /** The number of the command's own entry. */
      seq: bigint;
      amount_micro: bigint;
      available_after: bigint;
    }
  | { outcome: 'refused'; refusal: Refusal };

/** The wallets of one transaction, locked: commands run one after the other and see each other. */
export interface LockedWallets {
  /** `at` is for seeding and import only: in the past, and not before the wallet's last entry. */
  run(command: Command, at?: Instant): Promise<Outcome>;
}

export interface Ledger {
  /** Carries out one command in a transaction of its own. It is committed when this returns. */
  execute(command: Command, at?: Instant): Promise<Outcome>;
}

/** @param pool connections in the ledger's role */
export function createLedger(pool: pg.Pool): Ledger {
  return {
    execute: (command, at) =>
      transaction(pool, async (statements) => {
        const wallets = await lock(statements, [command.wallet_id]);
        return wallets.run(command, at);
      }),
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
  return work(await lock(statementsOfTransaction(trx), walletIds));
}

async function lock(statements: Statements, walletIds: readonly string[]): Promise<LockedWallets> {
  const states = await lockAndRead(statements, walletIds);
  return {
    run: async (command, at) => {
      const state = states.get(command.wallet_id);
      if (state === undefined) {
        throw new Error(`wallet ${command.wallet_id} does not exist or was not locked`);
      }
      const { outcome, after } = await run(statements, state, command, at);
      states.set(command.wallet_id, after);
      return outcome;
    },
  };
}

async function run(
  statements: Statements,
  state: WalletState,
  command: Command,
  at: Instant | undefined,
): Promise<{ outcome: Outcome; after: WalletState }> {
  const used = await usedBefore(statements, command);
  if (used !== undefined) return { outcome: used, after: state };
  const now = await readClock(statements);
  if (at !== undefined && (at > now || at <= state.wallet.last_at)) {
    throw new Error("a time of one's own lies after the wallet's last entry and not in the future");
  }
  const whole = await readNamed(statements, state, command, at ?? now);
  const decision = decide(whole, command, at ?? now);
  if (decision.outcome === 'refused') return { outcome: decision, after: state };
  await write(statements, whole, decision.state, decision.entries);
  const open = decision.state.lots.filter((lot) => lot.available + lot.held > 0n);
  return {
    outcome: done(decision.own, decision.state),
    after: { ...decision.state, lots: open, holds: [], charges: [] },
  };
}

async function usedBefore(statements: Statements, command: Command): Promise<Outcome | undefined> {
  if (command.kind === 'expire') return undefined;
  const used = await readKey(statements, command.wallet_id, keyHash(command.key));
  if (used === undefined) return undefined;
  if (used.content_hash !== contentHash(contentOf(command))) {
    return { outcome: 'refused', refusal: { code: 'key_reused' } };
  }
  const { seq, amount, available_after } = used;
  return { outcome: 'done', replayed: true, seq, amount_micro: amount, available_after };
}

function done(own: Entry | undefined, state: WalletState): Outcome {
  return {
    outcome: 'done',
    replayed: false,
    seq: own?.seq ?? state.wallet.last_seq,
    amount_micro: own?.amount ?? 0n,
    available_after: state.wallet.available,
  };
}

async function transaction<Result>(
  pool: pg.Pool,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const result = await work(statementsOfClient(client));
    await client.query('commit');
    broken = false;
    return result;
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
