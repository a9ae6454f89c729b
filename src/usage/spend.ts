import type { Refusal } from '../core/commands.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import type { Asked } from '../core/wallet.ts';
import type { Ledger, Outcome } from '../ledger/ledger.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type PricedOperation, findOperation } from '../pricing/price-book.ts';

export interface SpendOrder {
  workspace_id: string;
  operation: string;
  /** In 10^-6 of the operation's unit, more than nothing. */
  quantity: bigint;
  /** From the form: with the fields it makes the idempotency key, so that a resend is not a second. */
  nonce: string;
  asked: Asked;
  request_id?: string | undefined;
}

export type SpendOutcome =
  | (Extract<Outcome, { outcome: 'done' }> & { operation: PricedOperation })
  | {
      outcome: 'insufficient_credits';
      operation: PricedOperation;
      required: bigint;
      available: bigint;
      missing: bigint;
    }
  | (Omit<Extract<Refusal, { code: 'budget_reached' }>, 'code'> & {
      outcome: 'budget_reached';
      operation: PricedOperation;
    });

/**
 * Runs an operation from a page: charges its price, once for each nonce and choice.
 * @throws AppError 422 `operation_unknown`, 403 `wallet_frozen`, `person_deactivated`
 */
export async function spend(
  { connections, ledger }: { connections: Connections; ledger: Ledger },
  order: SpendOrder,
): Promise<SpendOutcome> {
  const { operation, walletId } = await inWorkspace(
    connections.app,
    order.workspace_id,
    async (trx) => ({
      operation: await findOperation(trx, order.workspace_id, order.operation),
      walletId: await walletIdOf(trx, order.workspace_id),
    }),
  );
  if (operation === undefined) {
    throw new AppError(422, 'operation_unknown', 'This operation is not on sale. Choose another.');
  }
  const quantity = shortestDecimal(order.quantity, QUANTITY_DECIMALS);
  const outcome = await ledger.execute({
    kind: 'debit',
    wallet_id: walletId,
    operation: operation.code,
    quantity: order.quantity,
    rule: operation.rule,
    key: { namespace: 'web', key: `${order.nonce} ${operation.code} ${quantity}` },
    asked: order.asked,
    details: { request_id: order.request_id },
  });
  if (outcome.outcome === 'done') return { ...outcome, operation };
  const { refusal } = outcome;
  switch (refusal.code) {
    case 'insufficient_credits':
      return { ...refusal, outcome: 'insufficient_credits', operation };
    case 'budget_reached':
      return { ...refusal, outcome: 'budget_reached', operation };
    case 'wallet_frozen':
      throw new AppError(403, 'wallet_frozen', 'The wallet is frozen. Nothing was charged.');
    case 'person_deactivated':
      throw new AppError(403, 'person_deactivated', 'This account is shut. Nothing was charged.');
    case 'key_reused':
      throw new AppError(
        422,
        'key_reused',
        'This form was sent before with other values. Nothing was charged.',
      );
    case 'amount_too_large':
      throw new AppError(
        422,
        'amount_too_large',
        'This is more than can be charged at once. Nothing was charged.',
      );
    case 'key_revoked':
    case 'not_positive':
    case 'time_out_of_order':
    case 'operation_unknown':
    case 'component_unknown':
    case 'transfer_to_itself':
    case 'transfer_between_modes':
    case 'hold_exists':
    case 'hold_unknown':
    case 'hold_closed':
    case 'capture_above_hold':
    case 'charge_unknown':
    case 'refund_above_charge':
    case 'lot_unknown':
    case 'clawback_above_lot':
    case 'clawback_unknown':
    case 'nothing_to_reinstate':
    case 'write_off_above_debt':
      throw new Error(`a debit was refused as ${refusal.code}`);
  }
}
