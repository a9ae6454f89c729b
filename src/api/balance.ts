import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { type Instant, rfc3339 } from '../core/instant.ts';
import { LEVELS } from '../core/levels.ts';
import { balanceOf } from '../ledger/balances.ts';
import { levelNow } from '../ledger/levels.ts';
import { availableForOperation } from '../ledger/lot-reports.ts';
import { balanceAt } from '../ledger/past-balances.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { creditsAnswer, instantAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { type Read, type Services, reading } from './endpoint.ts';
import { instantField, textField, whoseFields } from './fields.ts';

const BalanceRequest = z
  .strictObject({
    ...whoseFields,
    at: instantField.optional().meta({ description: 'How it stood at this moment.' }),
    operation: textField(100)
      .optional()
      .meta({ description: 'Tell what this operation can spend, too.' }),
  })
  .refine(({ at, operation }) => at === undefined || operation === undefined, {
    path: ['operation'],
    message: 'What an operation can spend is known of now only: leave out at, or this.',
  });

/** How a wallet stands. */
export const standing = {
  available: creditsAnswer,
  held: creditsAnswer,
  debt: creditsAnswer,
  balance: creditsAnswer.meta({ description: 'Available and held, less debt.' }),
};

const BalanceResponse = z.strictObject({
  ...whoseAnswer,
  ...standing,
  entry: z.int().meta({ description: 'The last entry by then; 0 when there was none.' }),
  at: instantAnswer.optional(),
  level: z.enum(LEVELS).optional().meta({
    description: 'By what is left of what came last, and for how many days it is enough.',
  }),
  frozen: z.boolean().optional(),
  unlimited: z.boolean().optional(),
  operation: z.string().optional(),
  available_for_operation: creditsAnswer
    .optional()
    .meta({ description: 'Without the lots that are limited to other operations.' }),
});

export const getBalance = reading({
  id: 'balance',
  path: '/balance',
  scope: 'balance:read',
  summary: 'How a wallet stands now, or stood at a moment.',
  request: BalanceRequest,
  example: { customer: 'user-42' },
  response: BalanceResponse,
  handle: async (services, read) => {
    const { at } = read.request;
    const body = at === undefined ? await now(services, read) : await past(services, read, at);
    return { status: 200, body };
  },
});

type ReadBalance = Read<z.output<typeof BalanceRequest>>;
type Told = z.output<typeof BalanceResponse>;

async function past({ connections }: Services, read: ReadBalance, at: Instant): Promise<Told> {
  const { workspace_id, wallet_id } = read.account;
  const balance = await readWorkspace(connections.app, workspace_id, (trx) =>
    balanceAt(trx, wallet_id, at),
  );
  if (balance === undefined) throw notFound('wallet');
  return {
    ...whoseOf(read),
    ...standingOf(balance),
    entry: Number(balance.seq),
    at: rfc3339(at),
  };
}

async function now({ connections }: Services, read: ReadBalance): Promise<Told> {
  const { workspace_id, wallet_id } = read.account;
  const { operation } = read.request;
  return readWorkspace(connections.app, workspace_id, async (trx) => {
    const balance = await balanceOf(trx, workspace_id, read.key.livemode);
    if (balance === undefined) throw notFound('wallet');
    return {
      ...whoseOf(read),
      ...standingOf(balance),
      entry: Number(balance.last_seq),
      level: (await levelNow(trx, balance)).level,
      frozen: balance.frozen,
      unlimited: balance.unlimited,
      ...(operation !== undefined && {
        operation,
        available_for_operation: decimalCredits(
          await availableForOperation(trx, wallet_id, operation),
        ),
      }),
    };
  });
}

export function standingOf(balance: {
  available_micro: bigint;
  held_micro: bigint;
  debt_micro: bigint;
  balance_micro: bigint;
}) {
  return {
    available: decimalCredits(balance.available_micro),
    held: decimalCredits(balance.held_micro),
    debt: decimalCredits(balance.debt_micro),
    balance: decimalCredits(balance.balance_micro),
  };
}
