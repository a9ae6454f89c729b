import { z } from 'zod';
import { type Answer, doneOrThrow, entryAnswer } from './answers.ts';
import type { Call, Services } from './endpoint.ts';
import { decimalAmount, detailFields, given, parse, whoseFields } from './fields.ts';
import { askedBy, detailsOf, keyOfCall } from './usage.ts';

export const RefundRequest = z.strictObject({
  ...whoseFields,
  /** The number of the debit or capture in its wallet. */
  entry: z.int().positive('Give the number of an entry.'),
  amount: decimalAmount.optional(),
  ...detailFields,
});

/** Gives credits back for a debit or capture: all that is left of it, or an amount. */
export async function postRefund(services: Services, call: Call): Promise<Answer> {
  const key = keyOfCall(call);
  const request = parse(RefundRequest, call.body);
  const account = await services.callers.accountOf(call.key, request, false);
  const outcome = await services.ledger.execute({
    kind: 'refund',
    wallet_id: account.wallet_id,
    entry_seq: BigInt(request.entry),
    key,
    asked: askedBy(call.key),
    ...detailsOf(call, request),
    ...given('amount_micro', request.amount),
  });
  const done = doneOrThrow(outcome);
  return {
    status: 201,
    replayed: done.replayed,
    body: { refunded_entry: request.entry, ...entryAnswer(done, request, account) },
  };
}
