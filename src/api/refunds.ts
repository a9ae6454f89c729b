import { z } from 'zod';
import { doneOrThrow, entryAnswer, entryFields } from './answers.ts';
import { command } from './endpoint.ts';
import { decimalAmount, detailFields, given, whoseFields } from './fields.ts';
import { mustBeOwn } from './usage.ts';

const RefundRequest = z.strictObject({
  ...whoseFields,
  entry: z
    .int()
    .positive('Give the number of an entry.')
    .meta({ description: 'The number of the debit or capture in its wallet.' }),
  amount: decimalAmount.optional(),
  ...detailFields,
});

export const postRefund = command({
  id: 'refund',
  path: '/refunds',
  scope: 'refunds:write',
  summary: 'Gives credits back for a debit or capture: all that is left of it, or an amount.',
  request: RefundRequest,
  example: { customer: 'user-42', entry: 12, amount: '1.5', description: 'The image was blurred' },
  status: 201,
  response: z.strictObject({ refunded_entry: z.int(), ...entryFields }),
  handle: async (services, read) => {
    const { request, account, common } = read;
    const entry_seq = BigInt(request.entry);
    await mustBeOwn(services, read, { seq: entry_seq });
    const outcome = await services.ledger.execute({
      ...common,
      kind: 'refund',
      entry_seq,
      ...given('amount_micro', request.amount),
    });
    const done = doneOrThrow(outcome);
    return {
      status: 201,
      replayed: done.replayed,
      body: { refunded_entry: request.entry, ...entryAnswer(done, request, account) },
    };
  },
});
