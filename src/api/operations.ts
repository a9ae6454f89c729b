import { z } from 'zod';
import { rfc3339 } from '../core/instant.ts';
import { PERIODS } from '../core/periods.ts';
import { PRICE_SCOPES, type PriceVersion } from '../core/price-versions.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { decimalComponents } from '../pricing/decimal-rules.ts';
import { type OperationPrices, operationPrices } from '../pricing/price-book.ts';
import { instantAnswer } from './answers.ts';
import { reading } from './endpoint.ts';
import { whoseFields } from './fields.ts';

const PricesRequest = z.strictObject(whoseFields);

const price = z.string().meta({ description: 'Credits, with up to twelve decimals.' });
const ComponentAnswer = z.strictObject({
  ...{ code: z.string(), label: z.string(), unit: z.string() },
  charge: z.enum(['flat', 'per_unit']),
  price,
  step: z.string().optional(),
  tiers: z
    .strictObject({
      period: z.enum(PERIODS),
      mode: z.enum(['graduated', 'volume']),
      bands: z.array(z.strictObject({ up_to: z.string(), price })),
    })
    .optional(),
  minimum: price.optional(),
});
const PriceAnswer = z.strictObject({
  rule: z.uuid(),
  version: z.int(),
  scope: z.enum(PRICE_SCOPES).meta({ description: 'For whom this price is.' }),
  components: z.array(ComponentAnswer),
});
const OperationResponse = z.strictObject({
  ...{ code: z.string(), name: z.string(), description: z.string(), unit: z.string() },
  price: PriceAnswer.nullable(),
  upcoming: z
    .array(z.strictObject({ valid_from: instantAnswer, price: PriceAnswer.nullable() }))
    .meta({ description: 'What it will cost, from when; null from when it is not on sale.' }),
});

export const getOperations = reading({
  id: 'operations',
  path: '/operations',
  scope: 'prices:read',
  summary: 'The operations on sale, with what each costs this customer now and will cost.',
  request: PricesRequest,
  example: { customer: 'user-42' },
  response: z.strictObject({ operations: z.array(OperationResponse) }),
  handle: async ({ connections }, { account }) => {
    const { workspace_id } = account;
    const found = await readWorkspace(connections.app, workspace_id, (trx) =>
      operationPrices(trx, workspace_id),
    );
    return { status: 200, body: { operations: found.map(operationAnswer) } };
  },
});

export const getOperation = reading({
  id: 'operation',
  path: '/operations/:operation',
  scope: 'prices:read',
  summary: 'One operation, with what it costs this customer now and will cost.',
  request: PricesRequest,
  example: { customer: 'user-42' },
  response: OperationResponse,
  handle: async ({ connections }, { account, parameter }) => {
    const { workspace_id } = account;
    if (!/^[\w.]{1,100}$/.test(parameter)) throw notFound('operation');
    const [found] = await readWorkspace(connections.app, workspace_id, (trx) =>
      operationPrices(trx, workspace_id, parameter),
    );
    if (found === undefined) throw notFound('operation');
    return { status: 200, body: operationAnswer(found) };
  },
});

function operationAnswer({ code, name, description, unit, ...prices }: OperationPrices) {
  return {
    ...{ code, name, description, unit },
    price: priceAnswer(prices.price),
    upcoming: prices.upcoming.map(({ valid_from, price: next }) => ({
      valid_from: rfc3339(valid_from),
      price: priceAnswer(next),
    })),
  };
}

function priceAnswer(version: PriceVersion | undefined) {
  if (version === undefined) return null;
  const { id, version: number, scope, components } = version;
  return { rule: id, version: number, scope, components: decimalComponents(components) };
}
