import { z } from 'zod';
import { shortestDecimal } from '../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import type { IdempotencyKey } from '../core/wallet.ts';
import { problemOf, refusalOf } from '../lib/error-answers.ts';
import type { Account } from '../workspaces/customers.ts';
import { type Answer, doneOrThrow, entryAnswer, entryFields } from './answers.ts';
import { tooLarge } from './body.ts';
import { type Call, ONE_BYTES_MAX, type Services, endpoint } from './endpoint.ts';
import {
  allowPartialField,
  componentsField,
  decimalQuantity,
  detailFields,
  given,
  idempotencyKeyField,
  invalidField,
  occurredAtField,
  onBehalfOfField,
  operationField,
  parse,
  quoteField,
  whoseFields,
} from './fields.ts';
import { inOwnTime } from './own-time.ts';
import { executePriced } from './quoted.ts';
import { QuoteResponse, quoteFor } from './quotes.ts';
import { commonOf, keyOf, keyOfCall } from './usage.ts';

const DebitRequest = z.strictObject({
  ...whoseFields,
  operation: operationField,
  quantity: decimalQuantity,
  components: componentsField.optional(),
  quote: quoteField,
  dry_run: z
    .boolean()
    .optional()
    .meta({ description: 'Answers as a quote does, and charges nothing.' }),
  on_behalf_of: onBehalfOfField,
  occurred_at: occurredAtField,
  allow_partial: allowPartialField,
  ...detailFields,
});

/** One of many has its key beside its other fields. */
const DebitOfMany = DebitRequest.extend({ idempotency_key: idempotencyKeyField });

const MANY_BYTES_MAX = 2_000_000;
const DEBITS_MAX = 1_000;
const ManyDebits = z.strictObject({
  debits: z
    .array(z.unknown())
    .min(1, 'Send at least one debit.')
    .max(DEBITS_MAX, `Send at most ${DEBITS_MAX} debits at once.`),
});

const DebitResponse = z.strictObject({
  ...entryFields,
  operation: z.string(),
  quantity: z.string(),
});
const OneOfMany = z.looseObject({ idempotency_key: z.string().optional(), status: z.int() });

export const postDebits = endpoint({
  id: 'debit',
  method: 'POST',
  path: '/debits',
  scope: 'debits:write',
  summary:
    'Charges a quantity of an operation at the price that is in force; or many debits in one request, each with its own key and its own answer.',
  request: z.union([DebitRequest, z.strictObject({ debits: z.array(DebitOfMany) })]),
  example: { customer: 'user-42', operation: 'image.generate', quantity: '1' },
  idempotent: 'optional',
  status: 201,
  response: DebitResponse,
  many: z.union([z.strictObject({ debits: z.array(OneOfMany) }), QuoteResponse]),
  bytes_max: MANY_BYTES_MAX,
  handle: async (services, call) => {
    const { body } = call;
    if (typeof body === 'object' && body !== null && 'debits' in body) return many(services, call);
    if (call.bytes > ONE_BYTES_MAX) throw tooLarge();
    const key = keyOfCall(call);
    return one(services, call, parse(DebitRequest, body), key);
  },
});

async function one(
  services: Services,
  call: Call,
  request: z.output<typeof DebitRequest>,
  key: IdempotencyKey,
): Promise<Answer> {
  const account = await services.callers.accountOf(call.key, request, true);
  if (request.dry_run === true) return dryRun(services, call, request, account);
  const { operation, quantity } = request;
  const ledger = inOwnTime(services.ledger, call.key, request.at);
  const outcome = await executePriced(services, account, key, request, (rule) =>
    ledger.execute({
      ...commonOf(call, request, account, key),
      kind: 'debit',
      ...{ operation, quantity, rule },
      ...given('components', request.components),
      ...given('quote', request.quote),
      ...given('allow_partial', request.allow_partial),
      ...given('occurred_at', request.occurred_at),
    }),
  );
  const done = await services.topUp.toldOf({ key: call.key, account }, () => doneOrThrow(outcome));
  return {
    status: 201,
    replayed: done.replayed,
    body: {
      ...entryAnswer(done, request, account),
      operation,
      quantity: shortestDecimal(quantity, QUANTITY_DECIMALS),
    },
  };
}

/** The answer of a quote. Its idempotency key is not used by it. */
async function dryRun(
  services: Services,
  call: Call,
  request: z.output<typeof DebitRequest>,
  account: Account,
): Promise<Answer> {
  for (const field of ['quote', 'at'] as const) {
    if (request[field] === undefined) continue;
    throw invalidField(field, 'A dry run is at the price in force now; leave this out.');
  }
  const rule = await services.prices.ruleFor(account.workspace_id, request.operation);
  return quoteFor(services, call.key, account, request, rule);
}

async function many(services: Services, call: Call): Promise<Answer> {
  const { debits } = parse(ManyDebits, call.body);
  // The request itself was counted as one.
  if (debits.length > 1) await services.limits.take(call.key, debits.length - 1);
  return { status: 200, body: { debits: await Promise.all(debits.map(oneOfMany)) } };

  async function oneOfMany(item: unknown): Promise<Record<string, unknown>> {
    try {
      const { idempotency_key, ...request } = parse(DebitOfMany, item);
      const { status, replayed, body } = await one(
        services,
        call,
        request,
        keyOf(call.key, idempotency_key),
      );
      return { idempotency_key, status, replayed, ...body };
    } catch (error) {
      services.onFault(error, call.request_id);
      const named = IdempotencyKeyOnly.safeParse(item).data;
      return { ...named, ...problemOf(refusalOf(error)) };
    }
  }
}

/** An answer says whose it is, also when the rest of the item cannot be read. */
const IdempotencyKeyOnly = z.object({ idempotency_key: idempotencyKeyField });
