import { z } from 'zod';
import { rfc3339 } from '../core/instant.ts';
import { operationNames } from '../pricing/price-book.ts';
import { doneOrThrow, entryAnswer, entryFields, instantAnswer } from './answers.ts';
import { requireService } from './caller.ts';
import { type Services, command } from './endpoint.ts';
import {
  decimalAmount,
  detailFields,
  given,
  instantField,
  invalidField,
  textField,
  whoseFields,
} from './fields.ts';

/** Bought credits come with their payment, a plan's with its period: they are no request's to make. */
const SOURCES = ['promo', 'reward', 'welcome', 'adjustment', 'import'] as const;
const PRIORITY_MAX = 100;
const OPERATIONS_MAX = 100;

const GrantRequest = z.strictObject({
  ...whoseFields,
  amount: decimalAmount,
  source: z
    .enum(SOURCES, `Give one of ${SOURCES.join(', ')}.`)
    .meta({ description: 'Where they come from, as people are told.' }),
  expires_at: instantField
    .optional()
    .meta({ description: 'Until when they can be spent; for ever when absent.' }),
  priority: z
    .int()
    .min(0, 'Give 0 or more.')
    .max(PRIORITY_MAX, `Give at most ${PRIORITY_MAX}.`)
    .optional()
    .meta({
      description: 'The lower, the sooner they are spent. An import has 30, all others have 10.',
    }),
  operations: z
    .array(textField(100))
    .min(1, 'Name at least one operation, or leave this out.')
    .max(OPERATIONS_MAX, `Name at most ${OPERATIONS_MAX} operations.`)
    .refine((codes) => new Set(codes).size === codes.length, 'Name each operation once.')
    .optional()
    .meta({ description: 'The only operations that they may be spent on; all when absent.' }),
  ...detailFields,
});

export const postGrant = command({
  id: 'grant',
  path: '/grants',
  scope: 'grants:write',
  summary: 'Gives credits that were not bought: a promotion, a reward, a welcome, an import.',
  request: GrantRequest,
  example: {
    customer: 'user-42',
    amount: '50',
    source: 'welcome',
    expires_at: '2027-03-31T22:00:00Z',
    description: 'Welcome',
  },
  status: 201,
  response: z.strictObject({
    source: z.enum(SOURCES),
    expires_at: instantAnswer.nullable(),
    ...entryFields,
  }),
  creates_customer: true,
  handle: async (services, { request, account, common, key }) => {
    if (key.livemode) requireService(key);
    const { amount, source, expires_at = null, operations } = request;
    if (operations !== undefined) await requireKnown(services, operations);
    const outcome = await services.ledger.execute({
      ...common,
      kind: 'grant',
      amount_micro: amount,
      source,
      expires_at,
      ...given('priority', request.priority),
      ...given('operations', operations),
    });
    const done = doneOrThrow(outcome);
    return {
      status: 201,
      replayed: done.replayed,
      body: {
        source,
        expires_at: expires_at === null ? null : rfc3339(expires_at),
        ...entryAnswer(done, request, account),
      },
    };
  },
});

/** A lot for an operation that nobody has heard of could never be spent. */
async function requireKnown(
  { connections }: Services,
  operations: readonly string[],
): Promise<void> {
  const known = await operationNames(connections.staff);
  for (const [index, code] of operations.entries()) {
    if (!known.has(code)) throw invalidField(`operations.${index}`, 'There is no such operation.');
  }
}
