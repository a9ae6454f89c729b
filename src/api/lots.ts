import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { rfc3339 } from '../core/instant.ts';
import { LOT_SOURCES } from '../core/lots.ts';
import { type LotReport, lotPage, lotReport, lotStory } from '../ledger/lot-reports.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { creditsAnswer, instantAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { reading } from './endpoint.ts';
import { EntryItem, itemOf, moveOf } from './entry-answers.ts';
import { whoseFields } from './fields.ts';
import { cursorField, cursorOf, entryNumberOf, limitField, nextCursorAnswer } from './pages.ts';

/** A lot by now. What was granted is the sum of the five amounts after it. */
const lot = {
  lot: z.int().meta({ description: 'Its number in the wallet, from 1.' }),
  source: z.enum(LOT_SOURCES),
  entry: z.int().meta({ description: 'The entry that granted it.' }),
  description: z.string().optional(),
  granted: creditsAnswer,
  available: creditsAnswer,
  held: creditsAnswer,
  consumed: creditsAnswer,
  expired: creditsAnswer,
  removed: creditsAnswer.meta({
    description: 'Clawed back, sent to another wallet or taken away.',
  }),
  granted_at: instantAnswer,
  expires_at: instantAnswer.nullable().meta({ description: 'Null when it never does.' }),
  operations: z
    .array(z.string())
    .optional()
    .meta({ description: 'The only operations that may spend it.' }),
  payment: z.string().optional(),
};
const LotItem = z.strictObject(lot);

const LotsResponse = z.strictObject({
  ...whoseAnswer,
  lots: z.array(LotItem),
  next_cursor: nextCursorAnswer,
});

export const getLots = reading({
  id: 'lots',
  path: '/lots',
  scope: 'entries:read',
  summary: 'The lots of a wallet and what became of each, the newest first.',
  request: z.strictObject({
    ...whoseFields,
    limit: limitField,
    cursor: cursorField('lots', lotNumberOf),
  }),
  example: { customer: 'user-42' },
  response: LotsResponse,
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const { limit, cursor: before } = read.request;
    const page = await readWorkspace(connections.app, workspace_id, (trx) =>
      lotPage(trx, wallet_id, { before, limit }),
    );
    const last = page.has_older ? page.lots.at(-1) : undefined;
    const body: z.output<typeof LotsResponse> = {
      ...whoseOf(read),
      lots: page.lots.map(lotItemOf),
      next_cursor: last === undefined ? null : cursorOf('lots', last.number),
    };
    return { status: 200, body };
  },
});

const LotResponse = z.strictObject({
  ...whoseAnswer,
  ...lot,
  entries: z.array(EntryItem).meta({
    description: 'What happened to it, the oldest first, each with its moves of this lot only.',
  }),
  next_cursor: nextCursorAnswer,
});

export const getLot = reading({
  id: 'lot',
  path: '/lots/:lot',
  scope: 'entries:read',
  summary:
    'A lot and what happened to it, the oldest first. A page may have fewer entries than asked for, or none, before the last.',
  request: z.strictObject({
    ...whoseFields,
    limit: limitField,
    cursor: cursorField('lot', entryNumberOf),
  }),
  example: { customer: 'user-42' },
  response: LotResponse,
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const { limit, cursor: after } = read.request;
    const number = lotNumberOf(read.parameter);
    if (number === undefined) throw notFound('lot');
    const body = await readWorkspace(connections.app, workspace_id, async (trx) => {
      const found = await lotReport(trx, wallet_id, number);
      if (found === undefined) throw notFound('lot');
      const { events, next } = await lotStory(trx, wallet_id, found, { after, limit });
      const told: z.output<typeof LotResponse> = {
        ...whoseOf(read),
        ...lotItemOf(found),
        entries: events.map(({ entry, legs }) => {
          return { ...itemOf(entry, read.key), moves: legs.map(moveOf) };
        }),
        next_cursor: next === undefined ? null : cursorOf('lot', next),
      };
      return told;
    });
    return { status: 200, body };
  },
});

const LOT_NUMBER_MAX = 2 ** 31 - 1;

/** The number of a lot; undefined for what cannot be one. */
function lotNumberOf(text: string): number | undefined {
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return number > 0 && number <= LOT_NUMBER_MAX ? number : undefined;
}

function lotItemOf(report: LotReport): z.output<typeof LotItem> {
  const { exact } = report;
  return {
    lot: report.number,
    source: report.source,
    entry: Number(report.entry_seq),
    description: report.description ?? undefined,
    granted: decimalCredits(report.granted_micro),
    available: decimalCredits(report.available_micro),
    held: decimalCredits(report.held_micro),
    consumed: decimalCredits(report.consumed_micro),
    expired: decimalCredits(report.expired_micro),
    removed: decimalCredits(report.removed_micro),
    granted_at: rfc3339(exact.granted_at),
    expires_at: exact.expires_at === null ? null : rfc3339(exact.expires_at),
    operations: report.operations ?? undefined,
    payment: report.payment_id ?? undefined,
  };
}
