import type { Debit } from '../core/commands.ts';
import { priceFor } from '../core/decide.ts';
import type { Price } from '../core/price-rules.ts';
import type { Db } from '../lib/database.ts';
import { Batch } from './batch.ts';
import type { Outcome } from './outcome.ts';
import { statementsOfTransaction } from './statements.ts';

export interface Preview {
  /** As the debit would be answered. */
  outcome: Outcome;
  /** What it costs, with its lines, also where it would be refused; undefined without a price. */
  price: Price | undefined;
  /** What is available before it. */
  available_micro: bigint;
}

/**
 * What a debit would come to now: decided as it would be, on the same reading, and nothing is locked
 * or written.
 * @param db one that sees the wallets of all workspaces
 */
export async function preview(db: Db, command: Debit): Promise<Preview> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const statements = statementsOfTransaction(trx);
      const batch = await Batch.lock(statements, [command.wallet_id], [{ command }], 'unlocked');
      const state = batch.stateOf(command.wallet_id);
      const { price, available } = priceFor(state, command, batch.now);
      return { outcome: batch.run(command), price, available_micro: available };
    });
}
