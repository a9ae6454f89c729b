import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { instantOf, rfc3339 } from '../core/instant.ts';
import {
  NO_COMPONENTS,
  type PriceRule,
  type PricedLine,
  QUANTITY_DECIMALS,
} from '../core/price-rules.ts';
import { type Preview, preview } from '../ledger/preview.ts';
import { inWorkspace, readWorkspace } from '../lib/database.ts';
import { problemOf } from '../lib/error-answers.ts';
import { newId } from '../lib/ids.ts';
import { decimalPrice } from '../pricing/decimal-rules.ts';
import { makeQuote } from '../pricing/quotes.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import type { Account } from '../workspaces/customers.ts';
import { type Answer, creditsAnswer, instantAnswer, refused, whoseAnswer } from './answers.ts';
import type { Whose } from './caller.ts';
import { type Services, endpoint } from './endpoint.ts';
import {
  allowPartialField,
  componentsField,
  decimalQuantity,
  given,
  onBehalfOfField,
  operationField,
  parse,
  whoseFields,
} from './fields.ts';
import { askedBy } from './usage.ts';

const LOCK_SECONDS_MAX = 600;

const QuoteRequest = z.strictObject({
  ...whoseFields,
  operation: operationField,
  quantity: decimalQuantity,
  components: componentsField.optional(),
  on_behalf_of: onBehalfOfField,
  allow_partial: allowPartialField,
  lock_seconds: z
    .int()
    .min(1, 'Give at least one second.')
    .max(LOCK_SECONDS_MAX, `Give at most ${LOCK_SECONDS_MAX} seconds.`)
    .optional()
    .meta({ description: 'For how long the price is kept for a debit or hold.' }),
});

const LineAnswer = z.strictObject({
  component: z.string(),
  label: z.string(),
  unit: z.string(),
  quantity: z.string(),
  price: z.string().meta({ description: 'Credits a unit, with up to twelve decimals.' }),
  amount: creditsAnswer,
});

export const QuoteResponse = z.strictObject({
  ...whoseAnswer,
  operation: z.string(),
  quantity: z.string(),
  allowed: z.boolean().meta({ description: 'Whether it would be charged now.' }),
  amount: creditsAnswer.meta({ description: 'What it would be charged, or else what it costs.' }),
  list_amount: creditsAnswer.optional(),
  lines: z.array(LineAnswer),
  rule: z.strictObject({ id: z.uuid(), version: z.int() }).nullable(),
  available: creditsAnswer,
  available_after: creditsAnswer,
  refusal: z
    .looseObject({ status: z.int(), code: z.string(), detail: z.string() })
    .optional()
    .meta({ description: 'The problem that the debit would be answered with.' }),
  quote: z.uuid().optional().meta({ description: 'Brought by a debit or hold, it is its price.' }),
  expires_at: instantAnswer.optional(),
});

/** What a debit costs and how it would be answered, and nothing is charged. */
export const postQuote = endpoint({
  id: 'quote',
  method: 'POST',
  path: '/quotes',
  scope: 'quotes:write',
  summary:
    'Says what a debit would cost and how it would be answered; with `lock_seconds` its price is kept for so long.',
  request: QuoteRequest,
  example: { customer: 'user-42', operation: 'image.generate', quantity: '2', lock_seconds: 300 },
  idempotent: 'no',
  status: 200,
  response: QuoteResponse,
  handle: async (services, call) => {
    const request = parse(QuoteRequest, call.body);
    const account = await services.callers.accountOf(call.key, request, true);
    const rule = await services.prices.ruleFor(account.workspace_id, request.operation);
    const answer = await quoteFor(services, call.key, account, request, rule);
    const locked = await lock(services, call.key, account, request, rule);
    return { ...answer, body: { ...answer.body, ...locked } };
  },
});

/** What a quote and the dry run of a debit ask. */
type Quoted = Whose & Omit<z.output<typeof QuoteRequest>, 'lock_seconds'>;

/** By the same code as the debit, up to where it would be written. */
export async function quoteFor(
  { connections, topUp }: Services,
  key: ApiKey,
  account: Account,
  request: Quoted,
  rule: PriceRule | undefined,
): Promise<Answer> {
  const { operation, quantity } = request;
  const previewed = await readWorkspace(connections.app, account.workspace_id, (trx) =>
    preview(trx, {
      kind: 'debit',
      wallet_id: account.wallet_id,
      key: { namespace: 'quote', key: newId() },
      asked: askedBy(key, request.on_behalf_of),
      ...{ operation, quantity, rule },
      ...given('components', request.components),
      ...given('allow_partial', request.allow_partial),
    }),
  );
  return {
    status: 200,
    body: {
      ...{ wallet: account.wallet_id, customer: request.customer, workspace: request.workspace },
      operation,
      quantity: shortestDecimal(quantity, QUANTITY_DECIMALS),
      lines: (previewed.price?.lines ?? []).map(lineAnswer),
      rule: rule === undefined ? null : { id: rule.id, version: rule.version },
      ...outcomeAnswer(previewed),
      ...(await refusalAnswer(previewed, () => topUp.urlFor({ key, account }))),
    },
  };
}

function outcomeAnswer({ outcome, price, available_micro }: Preview): Record<string, unknown> {
  const available = decimalCredits(available_micro);
  if (outcome.outcome === 'refused') {
    return {
      allowed: false,
      amount: decimalCredits(price?.amount_micro ?? 0n),
      ...{ available, available_after: available },
    };
  }
  const { list_amount_micro } = outcome;
  return {
    allowed: true,
    amount: decimalCredits(outcome.amount_micro),
    list_amount: list_amount_micro === null ? undefined : decimalCredits(list_amount_micro),
    available,
    available_after: decimalCredits(outcome.available_after),
  };
}

/** The problem that the debit would be answered with; a 402 says where to buy. */
async function refusalAnswer(
  { outcome }: Preview,
  topUpUrl: () => Promise<string | null>,
): Promise<{ refusal?: Record<string, unknown> }> {
  if (outcome.outcome === 'done') return {};
  const refusal = refused(outcome.refusal);
  const told = refusal.status === 402 ? { top_up_url: await topUpUrl() } : {};
  return { refusal: { ...problemOf(refusal), ...told } };
}

function lineAnswer(line: PricedLine): z.output<typeof LineAnswer> {
  return {
    component: line.code,
    label: line.label,
    unit: line.unit,
    quantity: shortestDecimal(line.quantity, QUANTITY_DECIMALS),
    price: decimalPrice(line.price_pico),
    amount: decimalCredits(line.amount_micro),
  };
}

/** Nothing is locked where there is no price. */
async function lock(
  { connections }: Services,
  key: ApiKey,
  account: Account,
  { operation, quantity, components = NO_COMPONENTS, lock_seconds }: z.output<typeof QuoteRequest>,
  rule: PriceRule | undefined,
): Promise<{ quote?: string; expires_at?: string }> {
  if (lock_seconds === undefined || rule === undefined) return {};
  const made = await inWorkspace(connections.app, account.workspace_id, (trx) =>
    makeQuote(trx, {
      ...account,
      ...{ operation, quantity, components, lock_seconds },
      rule_id: rule.id,
      made_by: key.id,
    }),
  );
  return { quote: made.id, expires_at: rfc3339(instantOf(made.expires_at)) };
}
