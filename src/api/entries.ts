import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { PRICE_DECIMALS, type PricedLine, QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { ENTRY_KINDS } from '../core/wallet.ts';
import { entryByKey, entryPage } from '../ledger/entries.ts';
import { entryExplained } from '../ledger/entry-explained.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { creditsAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { reading } from './endpoint.ts';
import { EntryItem, MoveAnswer, entryItem, itemOf, moveOf } from './entry-answers.ts';
import { idempotencyKeyField, whoseFields } from './fields.ts';
import { cursorField, cursorOf, entryNumberOf, limitField, nextCursorAnswer } from './pages.ts';
import { keyOf } from './usage.ts';

const aboveField = z
  .string()
  .meta({ type: 'integer', minimum: 0, description: 'Only entries after the one of this number.' })
  .transform((text, context): bigint => {
    const above = entryNumberOf(text);
    if (above !== undefined) return above;
    context.addIssue('Give the number of an entry, or 0.');
    return z.NEVER;
  });

const EntriesRequest = z.strictObject({
  ...whoseFields,
  limit: limitField,
  cursor: cursorField('entries', entryNumberOf),
  above: aboveField.optional(),
  idempotency_key: idempotencyKeyField.optional().meta({
    description: 'Only the entry that was asked for with it, by a key of the same owner.',
  }),
});

const EntriesResponse = z.strictObject({
  ...whoseAnswer,
  entries: z.array(EntryItem),
  next_cursor: nextCursorAnswer,
});

export const getEntries = reading({
  id: 'entries',
  path: '/entries',
  scope: 'entries:read',
  summary: 'What happened to a wallet, the newest first.',
  request: EntriesRequest,
  example: { customer: 'user-42' },
  response: EntriesResponse,
  handle: async ({ connections }, read) => {
    const { request, account, key } = read;
    const { limit, cursor: before, above, idempotency_key } = request;
    const page = await readWorkspace(connections.app, account.workspace_id, async (trx) => {
      if (idempotency_key === undefined) {
        return entryPage(trx, account.wallet_id, { before, above, limit });
      }
      const found = await entryByKey(trx, account.wallet_id, keyOf(key, idempotency_key));
      return { entries: found === undefined ? [] : [found], has_older: false };
    });
    const last = page.has_older ? page.entries.at(-1) : undefined;
    const body: z.output<typeof EntriesResponse> = {
      ...whoseOf(read),
      entries: page.entries.map((entry) => itemOf(entry, key)),
      next_cursor: last === undefined ? null : cursorOf('entries', last.seq),
    };
    return { status: 200, body };
  },
});

const LineAnswer = z.strictObject({
  code: z.string(),
  label: z.string(),
  unit: z.string(),
  quantity: z.string(),
  price: z.string().meta({ description: 'Credits for one unit.' }),
  amount: creditsAnswer,
  rule: z.string().meta({ description: 'The id of the version of the price rule.' }),
  version: z.int(),
});

const ExplainedResponse = z.strictObject({
  ...whoseAnswer,
  ...entryItem,
  moves: z.array(
    MoveAnswer.extend({
      source: z.string().optional().meta({ description: 'Where the lot came from.' }),
      lot_description: z.string().optional(),
    }),
  ),
  lines: z.array(LineAnswer).meta({ description: 'What made the amount; they add up to it.' }),
  followed_by: z
    .array(z.strictObject({ entry: z.int(), kind: z.enum(ENTRY_KINDS), amount: creditsAnswer }))
    .meta({ description: 'What the same request wrote after it.' }),
  reversed: creditsAnswer.meta({
    description:
      'What came back of it since: of a charge by refunds, of a grant by clawbacks, of a clawback by a reinstatement.',
  }),
  request_id: z.string().optional(),
});

export const getEntry = reading({
  id: 'entry',
  path: '/entries/:entry',
  scope: 'entries:read',
  summary: 'Why an entry is what it is: its lots, its lines and prices, and what came back of it.',
  request: z.strictObject(whoseFields),
  example: { customer: 'user-42' },
  response: ExplainedResponse,
  handle: async ({ connections }, read) => {
    const { account, key } = read;
    const seq = entryNumberOf(read.parameter);
    if (seq === undefined) throw notFound('entry');
    const explained = await readWorkspace(connections.app, account.workspace_id, (trx) =>
      entryExplained(trx, account.wallet_id, seq),
    );
    if (explained === undefined) throw notFound('entry');
    const { entry, moves, followers, refunded_micro } = explained;
    const body: z.output<typeof ExplainedResponse> = {
      ...whoseOf(read),
      ...itemOf(entry, key),
      moves: moves.map(({ lot, from, to, amount_micro }) => ({
        ...moveOf({ lot: lot?.number ?? 0, from, to, amount: amount_micro }),
        source: lot?.source,
        lot_description: lot?.description ?? undefined,
      })),
      lines: entry.lines.map(lineOf),
      followed_by: followers.map((one) => {
        return {
          entry: Number(one.seq),
          kind: one.kind,
          amount: decimalCredits(one.amount_micro),
        };
      }),
      reversed: decimalCredits(refunded_micro),
      request_id: entry.request_id ?? undefined,
    };
    return { status: 200, body };
  },
});

function lineOf({ quantity, price_pico, amount_micro, ...line }: PricedLine) {
  return {
    ...line,
    quantity: shortestDecimal(quantity, QUANTITY_DECIMALS),
    price: shortestDecimal(price_pico, PRICE_DECIMALS),
    amount: decimalCredits(amount_micro),
  };
}
