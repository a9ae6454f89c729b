import { z } from 'zod';
import { type Answer, doneOrThrow, entryAnswer } from './answers.ts';
import type { Call, Services } from './endpoint.ts';
import { decimalAmount, detailFields, given, whoseFields } from './fields.ts';
import { readRequest } from './usage.ts';

const RefundRequest = z.strictObject({
  ...whoseFields,
  /** The number of the debit or capture in its wallet. */
  entry: z.int().positive('Give the number of an entry.'),
  amount: decimalAmount.optional(),
  ...detailFields,
});

/** Gives credits back for a debit or capture: all that is left of it, or an amount. */
export async function postRefund(services: Services, call: Call): Promise<Answer> {
  const { request, account, common } = await readRequest(services, call, RefundRequest);
  const outcome = await services.ledger.execute({
    ...common,
    kind: 'refund',
    entry_seq: BigInt(request.entry),
    ...given('amount_micro', request.amount),
  });
  const done = doneOrThrow(outcome);
  return {
    status: 201,
    replayed: done.replayed,
    body: { refunded_entry: request.entry, ...entryAnswer(done, request, account) },
  };
}
