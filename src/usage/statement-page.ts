import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import { shortestDecimal } from '../core/decimal.ts';
import { type Instant, instantOf } from '../core/instant.ts';
import { monthIn, monthText, monthsBack } from '../core/local-times.ts';
import type { EndingWindow } from '../core/periods.ts';
import { type AccountStatement, statementOf } from '../ledger/account-statements.ts';
import { entryBySeq } from '../ledger/entries.ts';
import { grantedBySource, lotsGrantedBetween } from '../ledger/past-lots.ts';
import { type OperationTotal, totalsByOperation } from '../ledger/totals.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import type { Trx } from '../lib/database.ts';
import { type Reader, plural } from '../lib/formatting.ts';
import { operationNames } from '../pricing/price-book.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';
import { SHOWN_KINDS, type ShownKind, shownKindOf } from './entry-kinds.ts';
import { SOURCES, lotTitle } from './entry-rows.ts';

/** So many lots stand on a statement; a month with more has them in its history. */
const LOTS_MAX = 100;
/** So many months can be chosen from; any other by its address. */
const MONTHS_MAX = 60;

const NO_MONTH = 'Choose a month, for example 2026-10.';
const TO_COME = 'This month has not begun. Choose one that has.';

/** The statement of a month that somebody chose, by default this one; a sentence where it is none. */
export async function statementPage(
  trx: Trx,
  workspace: ShownWorkspace,
  { asked, now, reader }: { asked: unknown; now: Date; reader: Reader },
) {
  const zone = reader.time_zone;
  const moment = instantOf(now);
  const current = monthText(zone, moment);
  const chosen = asked === undefined ? current : typeof asked === 'string' ? asked : '';
  const walletId = await walletIdOf(trx, workspace.id);
  const first = await entryBySeq(trx, walletId, 1n);
  const oldest = monthText(zone, first?.exact.at ?? moment);
  const form = {
    month: chosen,
    months: shownMonths(zone, monthsBack(oldest, current, MONTHS_MAX)),
  };
  const month = monthIn(zone, chosen);
  if (month === undefined) return { status: 422, form, error: NO_MONTH };
  if (month.starts_at > moment) return { status: 422, form, error: TO_COME };
  const told = await tellMonth(trx, { walletId, month, now: moment, base: workspace.base });
  return { status: 200, form, statement: told };
}

function shownMonths(zone: string, months: readonly string[]) {
  return months.flatMap((text) => {
    const month = monthIn(zone, text);
    return month === undefined ? [] : [{ text, begins: dateOf(month.starts_at) }];
  });
}

/** Free credits are told apart by what they were given for: they are all of one kind. */
interface StatementRow {
  kind: ShownKind;
  word: string;
  entries: bigint;
  change_micro: bigint;
}

interface Told {
  walletId: string;
  month: EndingWindow;
  now: Instant;
  base: string;
}

async function tellMonth(trx: Trx, { walletId, month, now, base }: Told) {
  const isOver = month.ends_at <= now;
  // Of a month that goes on, until now: one that is to come would have in it what is yet to expire.
  const to = isOver ? month.ends_at : now + 1n;
  const statement = await statementOf(trx, walletId, { from: month.starts_at, to });
  if (statement === undefined) throw new Error(`there is no wallet ${walletId}`);
  const { opening, closing, carried_micro } = statement;
  const bounds = { above: opening.seq, upto: closing.seq };
  const totals = await totalsByOperation(trx, walletId, opening.seq, closing.seq);
  const lots = await lotsGrantedBetween(trx, walletId, { ...bounds, limit: LOTS_MAX + 1 });
  return {
    begins: dateOf(month.starts_at),
    ends: dateOf(to - 1n),
    is_over: isOver,
    opening,
    closing,
    carried_micro,
    rows: await rowsOf(trx, statement, totals),
    entries: closing.seq - opening.seq,
    operations: await operationsOf(trx, totals),
    lots: lots.slice(0, LOTS_MAX).map((lot) => ({
      href: `${base}/history/${lot.entry_seq}`,
      title: lotTitle(lot),
      granted_at: lot.granted_at,
      expires_at: lot.expires_at ?? undefined,
      granted_micro: lot.granted_micro,
    })),
    has_more_lots: lots.length > LOTS_MAX,
  };
}

/** What each kind changed the balance by, as people call the kinds; grants by where they came from. */
async function rowsOf(
  trx: Trx,
  { wallet_id, opening, closing }: AccountStatement,
  totals: readonly OperationTotal[],
) {
  const rows = new Map<string, StatementRow>();
  const add = (kind: ShownKind, word: string, entries: bigint, change_micro: bigint): void => {
    const row = rows.get(word) ?? { kind, word, entries: 0n, change_micro: 0n };
    row.entries += entries;
    row.change_micro += change_micro;
    rows.set(word, row);
  };
  const bounds = { above: opening.seq, upto: closing.seq };
  for (const { source, entries, granted_micro } of await grantedBySource(trx, wallet_id, bounds)) {
    const kind = shownKindOf('grant', source);
    add(kind, kind === 'bonus' ? SOURCES[source] : SHOWN_KINDS[kind], entries, granted_micro);
  }
  for (const one of totals) {
    if (one.kind === 'grant') continue;
    const kind = shownKindOf(one.kind, undefined);
    add(kind, SHOWN_KINDS[kind], one.entries, one.change_micro);
  }
  const order = Object.keys(SHOWN_KINDS);
  return [...rows.values()].sort(
    (one, other) => order.indexOf(one.kind) - order.indexOf(other.kind),
  );
}

/** What each operation was charged for, less what came back; the most spent first. */
async function operationsOf(trx: Trx, totals: readonly OperationTotal[]) {
  const names = await operationNames(trx);
  const used = totals.filter(({ kind }) => ['debit', 'capture', 'refund'].includes(kind));
  const rows = [...Map.groupBy(used, ({ operation }) => operation)].map(([operation, some]) => {
    const sum = (of: 'entries' | 'quantity' | 'amount_micro'): bigint =>
      some.reduce((total, one) => total + (one.kind === 'refund' ? -one[of] : one[of]), 0n);
    const charges = some.filter(({ kind }) => kind !== 'refund');
    const quantity = shortestDecimal(sum('quantity'), QUANTITY_DECIMALS);
    const named = names.get(operation);
    return {
      operation,
      name: named?.name ?? (operation === '' ? 'Other' : operation),
      charges: charges.reduce((total, one) => total + one.entries, 0n),
      quantity: named === undefined ? undefined : `${quantity} ${plural(named.unit, quantity)}`,
      spent_micro: sum('amount_micro'),
    };
  });
  return rows.sort((one, other) =>
    one.spent_micro === other.spent_micro ? 0 : one.spent_micro < other.spent_micro ? 1 : -1,
  );
}

function dateOf(instant: Instant): Date {
  return new Date(Number(instant / 1_000n));
}
