import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { parseRfc3339, rfc3339 } from '../core/instant.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { type HoldCursor, type HoldReport, holdReport, openHolds } from '../ledger/holds.ts';
import { readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { creditsAnswer, instantAnswer, whoseAnswer, whoseOf } from './answers.ts';
import { reading } from './endpoint.ts';
import { whoseFields } from './fields.ts';
import { cursorField, cursorOf, limitField, nextCursorAnswer } from './pages.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const hold = {
  hold_id: z.uuid(),
  open: z.boolean().meta({ description: 'Neither settled nor over its deadline.' }),
  amount: creditsAnswer.meta({ description: 'What it set apart.' }),
  captured: creditsAnswer,
  released: creditsAnswer,
  operation: z.string().optional(),
  quantity: z.string().optional(),
  on_behalf_of: z.string().optional(),
  entry: z.int().meta({ description: 'The entry that made it.' }),
  created_at: instantAnswer,
  expires_at: instantAnswer,
};
const HoldItem = z.strictObject(hold);

const HoldsResponse = z.strictObject({
  ...whoseAnswer,
  holds: z.array(HoldItem),
  next_cursor: nextCursorAnswer,
});

export const getHolds = reading({
  id: 'holds',
  path: '/holds',
  scope: 'entries:read',
  summary: 'The holds of a wallet that are open, the next deadline first.',
  request: z.strictObject({
    ...whoseFields,
    limit: limitField,
    cursor: cursorField('holds', holdCursorOf),
  }),
  example: { customer: 'user-42' },
  response: HoldsResponse,
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const { limit, cursor: after } = read.request;
    const page = await readWorkspace(connections.app, workspace_id, (trx) =>
      openHolds(trx, wallet_id, { after, limit }),
    );
    const last = page.has_more ? page.holds.at(-1) : undefined;
    const body: z.output<typeof HoldsResponse> = {
      ...whoseOf(read),
      holds: page.holds.map(holdItemOf),
      next_cursor:
        last === undefined ? null : cursorOf('holds', `${rfc3339(last.expires_at)} ${last.id}`),
    };
    return { status: 200, body };
  },
});

export const getHold = reading({
  id: 'holdById',
  path: '/holds/:hold_id',
  scope: 'entries:read',
  summary: 'A hold as it stands, open or settled.',
  request: z.strictObject(whoseFields),
  example: { customer: 'user-42' },
  response: z.strictObject({ ...whoseAnswer, ...hold }),
  handle: async ({ connections }, read) => {
    const { workspace_id, wallet_id } = read.account;
    const { parameter } = read;
    if (!UUID.test(parameter)) throw notFound('hold');
    const found = await readWorkspace(connections.app, workspace_id, (trx) =>
      holdReport(trx, wallet_id, parameter),
    );
    if (found === undefined) throw notFound('hold');
    return { status: 200, body: { ...whoseOf(read), ...holdItemOf(found) } };
  },
});

function holdCursorOf(text: string): HoldCursor | undefined {
  const [moment = '', id = ''] = text.split(' ');
  const expires_at = parseRfc3339(moment);
  return expires_at !== undefined && UUID.test(id) ? { expires_at, id } : undefined;
}

function holdItemOf(report: HoldReport): z.output<typeof HoldItem> {
  const { quantity } = report;
  return {
    hold_id: report.id,
    open: report.open,
    amount: decimalCredits(report.amount_micro),
    captured: decimalCredits(report.captured_micro),
    released: decimalCredits(report.released_micro),
    operation: report.operation ?? undefined,
    quantity: quantity === null ? undefined : shortestDecimal(quantity, QUANTITY_DECIMALS),
    on_behalf_of: report.on_behalf_of ?? undefined,
    entry: Number(report.entry_seq),
    created_at: rfc3339(report.created_at),
    expires_at: rfc3339(report.expires_at),
  };
}
