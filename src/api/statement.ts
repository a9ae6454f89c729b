import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { rfc3339 } from '../core/instant.ts';
import { ENTRY_KINDS } from '../core/wallet.ts';
import { statementOf, totalsOf } from '../ledger/account-statements.ts';
import { entryPage } from '../ledger/entries.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { creditsAnswer, instantAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { standing, standingOf } from './balance.ts';
import { reading } from './endpoint.ts';
import { EntryItem, itemOf } from './entry-answers.ts';
import { instantField, whoseFields } from './fields.ts';
import { cursorField, cursorOf, entryNumberOf, limitField, nextCursorAnswer } from './pages.ts';

const StatementRequest = z
  .strictObject({
    ...whoseFields,
    from: instantField,
    to: instantField.meta({ description: 'Entries before this, and not at it.' }),
    limit: limitField,
    cursor: cursorField('statement', entryNumberOf),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'Give a time after from.' });

const StatementResponse = z.strictObject({
  ...whoseAnswer,
  from: instantAnswer,
  to: instantAnswer,
  opening: z.strictObject(standing).meta({ description: 'Just before `from`.' }),
  closing: z.strictObject(standing).meta({ description: 'Just before `to`.' }),
  carried: creditsAnswer.meta({
    description:
      'Opening, the changes of all entries and this come to closing: what expired before `from` and was written after it, less the same at `to`. Nearly always 0.',
  }),
  totals: z
    .array(
      z.strictObject({
        kind: z.enum(ENTRY_KINDS),
        entries: z.int(),
        amount: creditsAnswer,
        change: creditsAnswer,
      }),
    )
    .meta({ description: 'What all its entries come to, by kind.' }),
  entries: z.array(EntryItem),
  next_cursor: nextCursorAnswer,
});

export const getStatement = reading({
  id: 'statement',
  path: '/statement',
  scope: 'entries:read',
  summary: 'A wallet from one moment to another: opening, entries by the page, closing.',
  request: StatementRequest,
  example: {
    customer: 'user-42',
    from: '2026-11-01T00:00:00Z',
    to: '2026-12-01T00:00:00Z',
  },
  response: StatementResponse,
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const { from, to, limit, cursor: before } = read.request;
    const body = await readWorkspace(connections.app, workspace_id, async (trx) => {
      const statement = await statementOf(trx, wallet_id, { from, to });
      if (statement === undefined) throw notFound('wallet');
      const { opening, closing, carried_micro } = statement;
      const bounds = { above: opening.seq, upto: closing.seq };
      const page = await entryPage(trx, wallet_id, { ...bounds, before, limit });
      const last = page.has_older ? page.entries.at(-1) : undefined;
      const told: z.output<typeof StatementResponse> = {
        ...whoseOf(read),
        from: rfc3339(from),
        to: rfc3339(to),
        opening: standingOf(opening),
        closing: standingOf(closing),
        carried: decimalCredits(carried_micro),
        totals: (await totalsOf(trx, statement)).map((total) => ({
          kind: total.kind,
          entries: Number(total.entries),
          amount: decimalCredits(total.amount_micro),
          change: decimalCredits(total.change_micro),
        })),
        entries: page.entries.map((entry) => itemOf(entry, read.key)),
        next_cursor: last === undefined ? null : cursorOf('statement', last.seq),
      };
      return told;
    });
    return { status: 200, body };
  },
});
