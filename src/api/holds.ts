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
import { type Answer, type Done, doneOrThrow, entryAnswer } from './answers.ts';
import type { Whose } from './caller.ts';
import type { Call, Services } from './endpoint.ts';
import {
  decimalQuantity,
  detailFields,
  given,
  instantField,
  secondsField,
  textField,
  whoseFields,
} from './fields.ts';
import { readRequest } from './usage.ts';

const HoldRequest = z.strictObject({
  ...whoseFields,
  operation: textField(100),
  quantity: decimalQuantity,
  ttl_seconds: secondsField,
  on_behalf_of: textField(255).optional(),
  allow_partial: z.boolean().optional(),
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
  more_to_follow: z.boolean().optional(),
  allow_partial: z.boolean().optional(),
  occurred_at: instantField.optional(),
  ...detailFields,
});

const ReleaseRequest = z.strictObject({ ...whoseFields, ...detailFields });

/** Sets credits apart for work in progress, at the price that is in force. */
export async function postHold(services: Services, call: Call): Promise<Answer> {
  const { request, account, common } = await readRequest(services, call, HoldRequest, {
    create: true,
  });
  const { operation, quantity, ttl_seconds } = request;
  const rule = await services.prices.ruleFor(account.workspace_id, operation);
  const outcome = await services.ledger.execute({
    ...common,
    kind: 'hold',
    hold_id: holdIdOf(account, common.key),
    ...{ operation, quantity, rule, ttl_seconds },
    ...given('allow_partial', request.allow_partial),
  });
  const done = doneOrThrow(outcome);
  const priced = { operation, quantity: shortestDecimal(quantity, QUANTITY_DECIMALS) };
  return answer(201, done, request, account, priced);
}

/** Moves a hold's deadline. */
export async function extendHold(services: Services, call: Call): Promise<Answer> {
  const { request, account, common } = await readRequest(services, call, ExtendRequest);
  const outcome = await services.ledger.execute({
    ...common,
    kind: 'extend',
    hold_id: namedIn(call),
    ttl_seconds: request.ttl_seconds,
  });
  return answer(200, doneOrThrow(outcome), request, account);
}

/** Charges what was used of a hold, at the price that it was made at. */
export async function captureHold(services: Services, call: Call): Promise<Answer> {
  const { request, account, common } = await readRequest(services, call, CaptureRequest);
  const hold_id = namedIn(call);
  const rule = await ruleOfCapture(services, account, hold_id);
  const outcome = await services.ledger.execute({
    ...common,
    kind: 'capture',
    ...{ hold_id, rule },
    quantity: request.quantity,
    ...given('more_to_follow', request.more_to_follow),
    ...given('allow_partial', request.allow_partial),
    ...given('occurred_at', request.occurred_at),
  });
  const quantity = shortestDecimal(request.quantity, QUANTITY_DECIMALS);
  const done = doneOrThrow(outcome);
  return answer(200, done, request, account, { operation: rule.operation, quantity });
}

/** Gives back what is left of a hold. */
export async function releaseHold(services: Services, call: Call): Promise<Answer> {
  const { request, account, common } = await readRequest(services, call, ReleaseRequest);
  const outcome = await services.ledger.execute({
    ...common,
    kind: 'release',
    hold_id: namedIn(call),
  });
  return answer(200, doneOrThrow(outcome), request, account);
}

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

/** @throws AppError 404 for what cannot be a hold */
function namedIn({ parameter }: Call): string {
  if (!UUID.test(parameter)) throw notFound('hold');
  return parameter;
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
function holdIdOf({ wallet_id }: Account, { namespace, key }: IdempotencyKey): string {
  const hex = hash('sha256', `${wallet_id}\0${namespace}\0${key}`, 'hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
