import { z } from 'zod';
import { averageDayOf } from '../../core/burn-rates.ts';
import { decimalCredits } from '../../core/credits.ts';
import { shortestDecimal } from '../../core/decimal.ts';
import { rfc3339 } from '../../core/instant.ts';
import { LEVELS } from '../../core/levels.ts';
import { QUANTITY_DECIMALS } from '../../core/price-rules.ts';
import { SUBSCRIPTION_STANDINGS, subscriptionStandingOf } from '../../billing/subscriptions.ts';
import { dailyUseOf } from '../../ledger/daily-use.ts';
import { alertDefaultsNow, levelAt, levelNow, rateOf } from '../../ledger/levels.ts';
import { LAST_SEQ, totalsByOperation } from '../../ledger/totals.ts';
import { readWorkspace } from '../../lib/database.ts';
import { countPayments } from '../../billing/payment-reports.ts';
import { creditsAnswer, instantAnswer } from '../answers.ts';
import { standing, standingOf } from '../balance.ts';
import { creditsOf, walletOf } from './credits.ts';
import { signedInEndpoint, workspaceField } from './endpoint.ts';
import { HistoryItem } from './history.ts';
import { profileOf } from './profile.ts';

const DAYS = 28;

const request = z.strictObject(workspaceField);

export const getCreditsNow = signedInEndpoint({
  id: 'credits',
  method: 'get',
  path: '/api/v1/credits',
  scope: 'balance:read',
  summary: 'How the credits of a workspace stand, and the plan that it is on.',
  request,
  example: {},
  status: 200,
  response: z.strictObject({
    ...standing,
    level: z.enum(LEVELS),
    unlimited: z.boolean(),
    frozen: z.boolean(),
    subscription_status: z.enum(SUBSCRIPTION_STANDINGS),
  }),
  handle: async ({ connections }, { asker }) => {
    const body = await readWorkspace(connections.app, asker.workspace_id, async (trx) => {
      const balance = await walletOf(trx, asker);
      const [{ level }, subscription_status] = await Promise.all([
        levelNow(trx, balance),
        subscriptionStandingOf(trx, asker.workspace_id),
      ]);
      const { unlimited, frozen } = balance;
      return { ...standingOf(balance), level, unlimited, frozen, subscription_status };
    });
    return { status: 200, body };
  },
});

export const getMetrics = signedInEndpoint({
  id: 'dashboard_metrics',
  method: 'get',
  path: '/api/v1/dashboard/metrics',
  scope: 'usage:read',
  summary: 'What was spent in the last 28 days and on what, beside the 28 before.',
  request,
  example: {},
  status: 200,
  response: z.strictObject({
    ...standing,
    level: z.enum(LEVELS),
    burn_rate: creditsAnswer
      .nullable()
      .meta({ description: 'Credits on an average day; null when too few days are known.' }),
    spent: creditsAnswer,
    spent_before: creditsAnswer.meta({ description: 'In the 28 days before these.' }),
    days: z.array(z.strictObject({ from: instantAnswer, spent: creditsAnswer })),
    operations: z.array(
      z.strictObject({
        operation: z.string(),
        spent: creditsAnswer,
        quantity: z.string(),
        charges: z.int(),
      }),
    ),
  }),
  handle: async ({ connections }, { asker }) => {
    const body = await readWorkspace(connections.app, asker.workspace_id, async (trx) => {
      const balance = await walletOf(trx, asker);
      const use = await dailyUseOf(trx, balance, balance.time_zone, new Date());
      const rate = rateOf(use);
      const sumOf = (some: readonly bigint[]) =>
        decimalCredits(some.reduce((sum, micro) => sum + micro, 0n));
      const { days, spent_micro, by_operation } = use;
      return {
        ...standingOf(balance),
        level: levelAt(balance, rate, await alertDefaultsNow()).level,
        burn_rate: rate === undefined ? null : decimalCredits(averageDayOf(rate)),
        spent: sumOf(spent_micro.slice(-DAYS)),
        spent_before: sumOf(spent_micro.slice(-2 * DAYS, -DAYS)),
        days: days.slice(-DAYS).map(({ starts_at }, index) => ({
          from: rfc3339(starts_at),
          spent: decimalCredits(spent_micro.slice(-DAYS)[index] ?? 0n),
        })),
        operations: [...by_operation].map(([operation, { spent_micro: spent, ...one }]) => ({
          operation,
          spent: decimalCredits(spent),
          quantity: shortestDecimal(one.quantity, QUANTITY_DECIMALS),
          charges: Number(one.charges),
        })),
      };
    });
    return { status: 200, body };
  },
});

export const getDashboard = signedInEndpoint({
  id: 'user_dashboard',
  method: 'get',
  path: '/api/user/dashboard',
  scope: undefined,
  summary: 'Profile, credits, what was made and paid for, and what happened last.',
  request,
  example: {},
  status: 200,
  response: z.strictObject({
    profile: z.record(z.string(), z.unknown()),
    credits: z.number(),
    counts: z.strictObject({
      images: z.int().meta({ description: 'Charges of operations that begin with image.' }),
      videos: z.int().meta({ description: 'Charges of operations that begin with video.' }),
      payments: z.int(),
    }),
    recent_activity: z.array(HistoryItem),
  }),
  handle: async (services, { asker }) => {
    const { workspace_id, wallet_id } = asker;
    const body = await readWorkspace(services.connections.app, workspace_id, async (trx) => {
      const [credits, totals, payments] = await Promise.all([
        creditsOf(trx, asker),
        totalsByOperation(trx, wallet_id, 0n, LAST_SEQ),
        countPayments(trx, workspace_id),
      ]);
      const made = (what: string): number =>
        totals
          .filter(({ kind, operation }) => {
            return ['debit', 'capture'].includes(kind) && operation.split('.')[0] === what;
          })
          .reduce((sum, { entries }) => sum + Number(entries), 0);
      return {
        profile: profileOf(asker, services),
        credits: credits.remaining,
        counts: { images: made('image'), videos: made('video'), payments },
        recent_activity: credits.history,
      };
    });
    return { status: 200, body };
  },
});
