import type { Debit, KeyedCommand } from '../core/commands.ts';
import { priceFor } from '../core/decide.ts';
import type { Price } from '../core/price-rules.ts';
import type { Trx } from '../lib/database.ts';
import { Batch } from './batch.ts';
import type { Outcome } from './outcome.ts';
import { statementsAsLedger } from './statements.ts';

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
 * or written. The transaction is one that reads as of one moment.
 */
export async function preview(trx: Trx, command: Debit): Promise<Preview> {
  const batch = await readFor(trx, command);
  const { price, available } = priceFor(batch.stateOf(command.wallet_id), command, batch.now);
  return { outcome: batch.run(command), price, available_micro: available };
}

/** What any other command on one wallet would come to now, in the same way. */
export async function foresee(trx: Trx, command: KeyedCommand): Promise<Outcome> {
  return (await readFor(trx, command)).run(command);
}

function readFor(trx: Trx, command: KeyedCommand): Promise<Batch> {
  return Batch.lock(statementsAsLedger(trx), [command.wallet_id], [{ command }], 'unlocked');
}
