import { hash } from 'node:crypto';
import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { rfc3339 } from '../core/instant.ts';
import { type PriceRule, QUANTITY_DECIMALS } from '../core/price-rules.ts';
import type { IdempotencyKey } from '../core/wallet.ts';
import { ruleOfHold } from '../ledger/holds.ts';
import { notFound } from '../lib/errors.ts';
import type { Account } from '../workspaces/customers.ts';
import {
  type Answer,
  type Done,
  creditsAnswer,
  doneOrThrow,
  entryAnswer,
  entryFields,
  instantAnswer,
} from './answers.ts';
import type { Whose } from './caller.ts';
import { type Read, type Services, command } from './endpoint.ts';
import {
  allowPartialField,
  componentsField,
  decimalQuantity,
  detailFields,
  given,
  occurredAtField,
  onBehalfOfField,
  operationField,
  quoteField,
  secondsField,
  whoseFields,
} from './fields.ts';
import { mustBeOwn } from './usage.ts';
import { executePriced } from './quoted.ts';

const HoldRequest = z.strictObject({
  ...whoseFields,
  operation: operationField,
  quantity: decimalQuantity,
  components: componentsField.optional(),
  quote: quoteField,
  ttl_seconds: secondsField,
  on_behalf_of: onBehalfOfField,
  allow_partial: allowPartialField,
  ...detailFields,
});

const ExtendRequest = z.strictObject({
  ...whoseFields,
  ttl_seconds: secondsField,
  ...detailFields,
});

const CaptureRequest = z.strictObject({
  ...whoseFields,
  quantity: decimalQuantity,
  components: componentsField.optional(),
  more_to_follow: z
    .boolean()
    .optional()
    .meta({ description: 'Keeps the rest of the hold for later captures.' }),
  allow_partial: allowPartialField,
  occurred_at: occurredAtField,
  ...detailFields,
});

const ReleaseRequest = z.strictObject({ ...whoseFields, ...detailFields });

const HoldResponse = z.strictObject({
  hold_id: z.uuid(),
  open: z.boolean(),
  expires_at: instantAnswer,
  captured: creditsAnswer,
  released: creditsAnswer,
  operation: z.string().optional(),
  quantity: z.string().optional(),
  ...entryFields,
});

export const postHold = command({
  id: 'hold',
  path: '/holds',
  scope: 'holds:write',
  summary: 'Sets credits apart for work in progress, at the price that is in force.',
  request: HoldRequest,
  example: { customer: 'user-42', operation: 'call.minute', quantity: '30', ttl_seconds: 3600 },
  status: 201,
  response: HoldResponse,
  creates_customer: true,
  handle: async (services, { request, account, common }) => {
    const { operation, quantity, ttl_seconds } = request;
    const outcome = await executePriced(services, account, common.key, request, (rule) =>
      services.ledger.execute({
        ...common,
        kind: 'hold',
        hold_id: holdIdOf(account.wallet_id, common.key),
        ...{ operation, quantity, rule, ttl_seconds },
        ...given('components', request.components),
        ...given('quote', request.quote),
        ...given('allow_partial', request.allow_partial),
      }),
    );
    const done = doneOrThrow(outcome);
    const priced = { operation, quantity: shortestDecimal(quantity, QUANTITY_DECIMALS) };
    return answer(201, done, request, account, priced);
  },
});

export const extendHold = command({
  id: 'extend',
  path: '/holds/:hold_id/extend',
  scope: 'holds:write',
  summary: "Moves a hold's deadline to so many seconds from now, never nearer.",
  request: ExtendRequest,
  example: { customer: 'user-42', ttl_seconds: 1800 },
  status: 200,
  response: HoldResponse,
  handle: async (services, read) => {
    const { request, account, common } = read;
    const hold_id = await holdNamedIn(services, read);
    const { ttl_seconds } = request;
    const outcome = await services.ledger.execute({
      ...common,
      kind: 'extend',
      ...{ hold_id, ttl_seconds },
    });
    return answer(200, doneOrThrow(outcome), request, account);
  },
});

export const captureHold = command({
  id: 'capture',
  path: '/holds/:hold_id/capture',
  scope: 'holds:write',
  summary: 'Charges what was used of a hold, at the price that it was made at.',
  request: CaptureRequest,
  example: { customer: 'user-42', quantity: '12' },
  status: 200,
  response: HoldResponse,
  handle: async (services, read) => {
    const { request, account, common } = read;
    const hold_id = await holdNamedIn(services, read);
    const rule = await ruleOfCapture(services, account, hold_id);
    const outcome = await services.ledger.execute({
      ...common,
      kind: 'capture',
      ...{ hold_id, rule },
      quantity: request.quantity,
      ...given('components', request.components),
      ...given('more_to_follow', request.more_to_follow),
      ...given('allow_partial', request.allow_partial),
      ...given('occurred_at', request.occurred_at),
    });
    const quantity = shortestDecimal(request.quantity, QUANTITY_DECIMALS);
    const done = doneOrThrow(outcome);
    return answer(200, done, request, account, { operation: rule.operation, quantity });
  },
});

export const releaseHold = command({
  id: 'release',
  path: '/holds/:hold_id/release',
  scope: 'holds:write',
  summary: 'Gives back what is left of a hold.',
  request: ReleaseRequest,
  example: { customer: 'user-42' },
  status: 200,
  response: HoldResponse,
  handle: async (services, read) => {
    const { request, account, common } = read;
    const hold_id = await holdNamedIn(services, read);
    const outcome = await services.ledger.execute({ ...common, kind: 'release', hold_id });
    return answer(200, doneOrThrow(outcome), request, account);
  },
});

function answer(
  status: number,
  done: Done,
  whose: Whose,
  account: Account,
  priced: { operation?: string; quantity?: string } = {},
): Answer {
  const { hold } = done;
  if (hold === undefined) throw new Error('a command of a hold was answered without it');
  return {
    status,
    replayed: done.replayed,
    body: {
      hold_id: hold.id,
      open: hold.open,
      expires_at: rfc3339(hold.expires_at),
      captured: decimalCredits(hold.captured),
      released: decimalCredits(hold.released),
      ...priced,
      ...entryAnswer(done, whose, account),
    },
  };
}

/** @throws AppError 404 for what cannot be a hold, or is the seller's */
async function holdNamedIn(services: Services, read: Read<Whose>): Promise<string> {
  const hold_id = read.parameter;
  if (!UUID.test(hold_id)) throw notFound('hold');
  await mustBeOwn(services, read, { hold_id });
  return hold_id;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function ruleOfCapture(
  { connections, prices }: Services,
  { wallet_id }: Account,
  holdId: string,
): Promise<PriceRule> {
  const rule = await ruleOfHold(connections.staff, wallet_id, holdId);
  if (rule === undefined) throw notFound('hold');
  return prices.version(rule);
}

/** Asked again with the same key, it is the same hold: its id is made of the key, as a UUID of version 8. */
export function holdIdOf(wallet_id: string, { namespace, key }: IdempotencyKey): string {
  const hex = hash('sha256', `${wallet_id}\0${namespace}\0${key}`, 'hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
