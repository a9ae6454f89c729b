import { NO_COMPONENTS, type PriceRule, type Quantities } from '../core/price-rules.ts';
import type { IdempotencyKey } from '../core/wallet.ts';
import type { Outcome } from '../ledger/ledger.ts';
import { inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type Claim, claimQuote } from '../pricing/quotes.ts';
import type { Account } from '../workspaces/customers.ts';
import type { Services } from './endpoint.ts';

/** A request that is charged by the price in force, or by the one that a quote has locked. */
interface Priced {
  operation: string;
  quantity: bigint;
  components?: Quantities | undefined;
  quote?: string | undefined;
}

/**
 * Carries out what has a price: by the quote that it brings, else by the price in force. With a quote
 * that is no good it goes to the ledger without a price, which answers a key that was used before.
 * @throws AppError 404 `not_found`, 409 `quote_used`, 422 `quote_expired`, `quote_does_not_fit`
 */
export async function executePriced(
  { prices, connections }: Services,
  { workspace_id, wallet_id }: Account,
  key: IdempotencyKey,
  request: Priced,
  execute: (rule: PriceRule | undefined) => Promise<Outcome>,
): Promise<Outcome> {
  const { operation, quantity, components = NO_COMPONENTS, quote: id } = request;
  if (id === undefined) return execute(await prices.ruleFor(workspace_id, operation));
  const claim = await inWorkspace(connections.app, workspace_id, (trx) =>
    claimQuote(trx, { id, wallet_id, key, operation, quantity, components }),
  );
  if (claim.outcome === 'claimed') return execute(await prices.version(claim.rule_id));
  const outcome = await execute(undefined);
  const isNew = outcome.outcome === 'refused' && outcome.refusal.code === 'operation_unknown';
  if (isNew) throw noGood(claim.outcome);
  return outcome;
}

function noGood(outcome: Exclude<Claim['outcome'], 'claimed'>): AppError {
  switch (outcome) {
    case 'unknown':
      return new AppError(404, 'not_found', 'There is no such quote. Nothing was charged.');
    case 'used':
      return new AppError(
        409,
        'quote_used',
        'This quote belongs to another request. Nothing was charged; ask for another quote.',
      );
    case 'expired':
      return new AppError(
        422,
        'quote_expired',
        'This quote has expired. Nothing was charged; ask for another one.',
      );
    case 'does_not_fit':
      return new AppError(
        422,
        'quote_does_not_fit',
        'This quote is for another operation, or for less. Nothing was charged.',
      );
  }
}
