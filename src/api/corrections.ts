import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { instantOf } from '../core/instant.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { type ReadEntry, entryBySeq } from '../ledger/entries.ts';
import { AppError, notFound } from '../lib/errors.ts';
import type { Account } from '../workspaces/customers.ts';
import { creditsAnswer, doneOrThrow, entryAnswer, entryFields } from './answers.ts';
import { requireScope } from './caller.ts';
import { type Services, command } from './endpoint.ts';
import {
  decimalQuantity,
  detailFields,
  invalidField,
  operationField,
  whoseFields,
} from './fields.ts';
import { entryNumberOf } from './pages.ts';
import { mustBeOwn } from './usage.ts';

const CorrectionRequest = z.strictObject({
  ...whoseFields,
  operation: operationField.optional(),
  quantity: decimalQuantity.optional(),
  ...detailFields,
});

export const postCorrection = command({
  id: 'correct',
  path: '/entries/:entry/correct',
  scope: 'refunds:write',
  summary:
    'Puts a debit or capture right: gives back what is left of it and charges it anew as another quantity or operation, both or neither.',
  request: CorrectionRequest,
  example: { customer: 'user-42', quantity: '2', description: 'Two images, not three' },
  status: 201,
  response: z.strictObject({
    corrected_entry: z.int(),
    refund_entry: z.int().meta({ description: 'The entry that gave the charge back.' }),
    refunded: creditsAnswer,
    operation: z.string(),
    quantity: z.string(),
    ...entryFields,
  }),
  handle: async (services, { request, account, common, parameter, key }) => {
    requireScope(key, 'debits:write');
    if (request.operation === undefined && request.quantity === undefined) {
      throw invalidField('quantity', 'Say what is to change: the quantity, the operation or both.');
    }
    const wrong = await chargeIn(services, account, parameter);
    await mustBeOwn(services, { key, account }, { seq: wrong.seq });
    const { operation = wrong.operation, quantity = wrong.quantity } = request;
    const charged = await services.prices.version(wrong.rule);
    const rule =
      operation === wrong.operation
        ? charged
        : await services.prices.ruleFor(account.workspace_id, operation);
    const outcome = await services.ledger.execute({
      ...common,
      asked: { ...common.asked, on_behalf_of: wrong.on_behalf_of },
      kind: 'correction',
      entry_seq: wrong.seq,
      charged: { quantity: wrong.quantity, rule: charged },
      ...{ operation, quantity, rule, occurred_at: wrong.occurred_at },
    });
    const back = doneOrThrow(outcome);
    const anew = await entryBySeq(services.connections.staff, account.wallet_id, back.seq + 1n);
    if (anew === undefined) throw new Error(`nothing follows from correction ${back.seq}`);
    const { seq, amount_micro, list_amount_micro } = anew;
    return {
      status: 201,
      replayed: back.replayed,
      body: {
        corrected_entry: Number(wrong.seq),
        refund_entry: Number(back.seq),
        refunded: decimalCredits(back.amount_micro),
        operation,
        quantity: shortestDecimal(quantity, QUANTITY_DECIMALS),
        ...entryAnswer({ ...back, seq, amount_micro, list_amount_micro }, request, account),
      },
    };
  },
});

/**
 * The charge as it was written, which never changes.
 * @throws AppError 404 for what is no charge; 422 for one that cannot be charged anew as a whole
 */
async function chargeIn(
  { connections }: Services,
  { wallet_id }: Account,
  parameter: string,
): Promise<Charged> {
  const seq = entryNumberOf(parameter);
  const entry = seq === undefined ? undefined : await entryBySeq(connections.staff, wallet_id, seq);
  if (entry?.kind !== 'debit' && entry?.kind !== 'capture') throw notFound('charge');
  const { operation, quantity } = entry;
  const rule = entry.lines[0]?.rule;
  if (operation === null || quantity === null || rule === undefined || !isOneQuantity(entry)) {
    throw notCorrectable();
  }
  return {
    ...{ seq: entry.seq, operation, quantity, rule },
    on_behalf_of: entry.on_behalf_of ?? undefined,
    occurred_at: instantOf(entry.occurred_at ?? entry.at),
  };
}

interface Charged {
  seq: bigint;
  operation: string;
  quantity: bigint;
  /** The version of the price rule. */
  rule: string;
  on_behalf_of: string | undefined;
  occurred_at: bigint;
}

/**
 * Whether a charge is all that another quantity would replace. What was captured above a hold is an
 * entry beside it, components may have been measured by themselves, and what cost nothing has nothing
 * to give back.
 */
function isOneQuantity({ kind, amount_micro, list_amount_micro, lines }: ReadEntry): boolean {
  if (kind === 'capture' && list_amount_micro !== null) return false;
  return amount_micro > 0n && lines.every(({ measured }) => measured === undefined);
}

function notCorrectable(): AppError {
  return new AppError(
    422,
    'not_correctable',
    'This entry cannot be charged anew as a whole. Refund it, and debit what it was with its occurred_at.',
  );
}
