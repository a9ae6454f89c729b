import { z } from 'zod';
import { SUBSCRIPTION_STANDINGS, subscriptionStandingOf } from '../../billing/subscriptions.ts';
import { ONE_UNIT } from '../../core/price-rules.ts';
import { type Balance, balanceOf } from '../../ledger/balances.ts';
import { entryPage } from '../../ledger/entries.ts';
import { LAST_SEQ, totalsBetween } from '../../ledger/totals.ts';
import { type Trx, readWorkspace } from '../../lib/database.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import { findOperation } from '../../pricing/price-book.ts';
import { findBuyer } from '../../workspaces/customers.ts';
import { refused } from '../answers.ts';
import { idempotencyKeyOf, textField } from '../fields.ts';
import { cursorField, cursorOf, entryNumberOf, limitField, nextCursorAnswer } from '../pages.ts';
import type { Asker } from './asker.ts';
import { type SignedInServices, numberOf, signedInEndpoint, workspaceField } from './endpoint.ts';
import { HistoryItem, historyOf } from './history.ts';

const NEWEST = 20;

const CreditsAnswer = z.strictObject({
  remaining: z.number().meta({ description: 'What can be spent.' }),
  total: z.number().meta({ description: 'All that was ever granted.' }),
  subscription_status: z.enum(SUBSCRIPTION_STANDINGS),
  history: z.array(HistoryItem).meta({ description: 'The newest 20 entries.' }),
});

export const getCredits = signedInEndpoint({
  id: 'user_credits',
  method: 'get',
  path: '/api/user/credits',
  scope: 'balance:read',
  summary: 'What a person has, where they stand, and what happened last, in JSON numbers.',
  request: z.strictObject(workspaceField),
  example: {},
  status: 200,
  response: CreditsAnswer,
  handle: async ({ connections }, { asker }) => ({
    status: 200,
    body: await readWorkspace(connections.app, asker.workspace_id, (trx) => creditsOf(trx, asker)),
  }),
});

/** The same for each endpoint that tells it. */
export async function creditsOf(trx: Trx, asker: Asker): Promise<z.output<typeof CreditsAnswer>> {
  const { workspace_id, wallet_id } = asker;
  const [balance, totals, subscription_status, { entries }] = await Promise.all([
    walletOf(trx, asker),
    totalsBetween(trx, wallet_id, 0n, LAST_SEQ),
    subscriptionStandingOf(trx, workspace_id),
    entryPage(trx, wallet_id, { limit: NEWEST }),
  ]);
  const granted = totals.find(({ kind }) => kind === 'grant')?.amount_micro ?? 0n;
  return {
    remaining: numberOf(balance.available_micro),
    total: numberOf(granted),
    subscription_status,
    history: await historyOf(trx, wallet_id, entries),
  };
}

export async function walletOf(trx: Trx, asker: Asker): Promise<Balance> {
  const balance = await balanceOf(trx, asker.workspace_id, asker.livemode);
  if (balance === undefined) throw notFound('wallet');
  return balance;
}

export const getCreditsHistory = signedInEndpoint({
  id: 'user_credits_history',
  method: 'get',
  path: '/api/user/credits/history',
  scope: 'entries:read',
  summary: 'What happened to the credits of a person, the newest first.',
  request: z.strictObject({
    ...workspaceField,
    limit: limitField,
    cursor: cursorField('history', entryNumberOf),
  }),
  example: {},
  status: 200,
  response: z.strictObject({ history: z.array(HistoryItem), next_cursor: nextCursorAnswer }),
  handle: async ({ connections }, { asker, request: { limit, cursor: before } }) => {
    const { workspace_id, wallet_id } = asker;
    const body = await readWorkspace(connections.app, workspace_id, async (trx) => {
      const { entries, has_older } = await entryPage(trx, wallet_id, { before, limit });
      const last = has_older ? entries.at(-1) : undefined;
      return {
        history: await historyOf(trx, wallet_id, entries),
        next_cursor: last === undefined ? null : cursorOf('history', last.seq),
      };
    });
    return { status: 200, body };
  },
});

export const postConsume = signedInEndpoint({
  id: 'user_credits_consume',
  method: 'post',
  path: '/api/user/credits/consume',
  scope: 'debits:write',
  summary: 'Charges one use of a feature, once for each generation.',
  request: z.strictObject({
    feature: textField(100).meta({ description: 'The code of an operation.' }),
    generation_id: textField(200).meta({
      description: 'What it is for. The idempotency key, if no header Idempotency-Key is sent.',
    }),
  }),
  example: { feature: 'interior', generation_id: 'generation-4711' },
  status: 200,
  response: z.strictObject({
    remaining: z.number(),
    charged: z.number(),
    entry: z.int().meta({ description: 'The number of the entry in the history.' }),
    generation_id: z.string(),
  }),
  handle: async (services, { asker, request, headers }) => {
    const { connections, ledger } = services;
    const { feature, generation_id } = request;
    const brought = headers['idempotency-key'];
    const key = brought === undefined ? generation_id : idempotencyKeyOf(brought);
    const { workspace_id, wallet_id, asked } = asker;
    const operation = await readWorkspace(connections.app, workspace_id, (trx) =>
      findOperation(trx, workspace_id, feature),
    );
    const outcome = await ledger.execute({
      ...{ kind: 'debit', wallet_id, asked, operation: feature, quantity: ONE_UNIT },
      rule: operation?.rule,
      key: asker.keyFor(key),
      details: { metadata: { generation_id } },
    });
    if (outcome.outcome === 'refused') {
      const { refusal } = outcome;
      if (refusal.code !== 'insufficient_credits') throw refused(refusal);
      throw new AppError(402, refusal.code, 'There are too few credits. Nothing was charged.', {
        remaining: numberOf(refusal.available),
        needed: numberOf(refusal.required),
        buy_url: await whereToBuy(services, workspace_id),
      });
    }
    return {
      status: 200,
      replayed: outcome.replayed,
      body: {
        remaining: numberOf(outcome.available_after),
        charged: numberOf(outcome.amount_micro),
        entry: Number(outcome.seq),
        generation_id,
      },
    };
  },
});

async function whereToBuy(
  { connections, baseUrl }: SignedInServices,
  workspaceId: string,
): Promise<string> {
  const buyer = await findBuyer(connections.staff, workspaceId);
  if (buyer === undefined) throw notFound('workspace');
  return `${baseUrl}/w/${buyer.slug}/buy`;
}
