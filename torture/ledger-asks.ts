import type { KeyedCommand, Transfer } from '../src/core/commands.ts';
import { decimalCredits } from '../src/core/credits.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { AppError } from '../src/lib/errors.ts';
import type { Sent } from './http.ts';

/**
 * Carries a command out by a ledger in this process, as jobs and pages do, and answers as the API would.
 * @throws Error for an answer that no ledger may give
 */
export async function execute(ledger: Ledger, command: KeyedCommand | Transfer): Promise<Sent> {
  try {
    const outcome = await ledger.execute(command);
    if (outcome.outcome === 'refused') {
      return { status: 422, replayed: false, body: { code: outcome.refusal.code } };
    }
    return {
      status: 201,
      replayed: outcome.replayed,
      body: {
        entry: Number(outcome.seq),
        amount: decimalCredits(outcome.amount_micro),
        available: decimalCredits(outcome.available_after),
        held: decimalCredits(outcome.held_after),
        debt: decimalCredits(outcome.debt_after),
      },
    };
  } catch (error) {
    if (error instanceof AppError && error.status === 503) return 'unknown';
    throw error;
  }
}
