/** What the command line writes out for others: a row each, as many as there are. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RawBuilder } from 'kysely';
import {
  LIABILITY_COLUMNS,
  REVENUE_COLUMNS,
  liabilityRows,
  revenueRows,
} from './admin/accountant-files.ts';
import { paymentsToExport } from './billing/payment-export.ts';
import { sellerOf } from './billing/seller.ts';
import type { Config } from './config.ts';
import { instantOf } from './core/instant.ts';
import { type DayRange, FIRST_DAY, dayAt, daysLater, isDay } from './core/usage-ranges.ts';
import { entriesToExport } from './ledger/entry-export.ts';
import { stream } from './lib/cursors.ts';
import type { Db, Trx } from './lib/database.ts';
import { type ExportPeriod, type ExportRow, auditToExport, plainCell } from './lib/exports.ts';
import { accountNamed } from './named-account.ts';
import { openDatabase } from './open-database.ts';
import type { Running } from './program.ts';
import { type Cell, csvOf } from './usage/files.ts';

type Format = 'csv' | 'jsonl';
type Pages<Value> = AsyncIterable<readonly Record<string, Value>[]>;

interface ExportValues {
  of?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
  format?: string | undefined;
  customer?: string | undefined;
  workspace?: string | undefined;
}

interface Asked {
  period: ExportPeriod;
  /** Undefined: up to now. */
  until: string | undefined;
  from: string | undefined;
  format: Format;
}

type Write = (trx: Trx, asked: Asked) => AsyncGenerator<string>;

const EXPORTS: Readonly<Record<string, Write>> = {
  entries: records(entriesToExport),
  payments: records(paymentsToExport),
  audit: records(auditToExport),
  'revenue-by-day': accounts(REVENUE_COLUMNS, (db, days) => revenueRows(db, days, 'day')),
  'revenue-by-month': accounts(REVENUE_COLUMNS, (db, days) => revenueRows(db, days, 'month')),
  liability: accounts(LIABILITY_COLUMNS, liabilityRows),
};

/** Writes to standard output, as fast as it is read, all of one moment. */
export async function writeExport(
  running: Running,
  config: Config,
  values: ExportValues,
): Promise<void> {
  const { of = '', from, until, format = 'jsonl' } = values;
  const write = EXPORTS[of];
  if (write === undefined) {
    throw new Error(`export needs --of, one of ${Object.keys(EXPORTS).join(', ')}.`);
  }
  if (format !== 'csv' && format !== 'jsonl') throw new Error('--format is csv or jsonl.');
  const moments = {
    from: momentOf('--from', from ?? '1970-01-01'),
    until: momentOf('--until', until ?? new Date().toISOString()),
  };
  const { staff } = await openDatabase(running, config);
  const workspace_id = (await accountNamed(staff, values))?.workspace_id;
  const period = { ...moments, workspace_id };
  const snapshot = staff.transaction().setIsolationLevel('repeatable read');
  await snapshot.setAccessMode('read only').execute(async (trx) => {
    const text = write(trx, { period, from, until, format });
    await pipeline(Readable.from(text), process.stdout, { end: false });
  });
}

/** Rows as they stand in the database, of everybody or of one. */
function records(query: (period: ExportPeriod) => RawBuilder<ExportRow>): Write {
  return async function* (trx, { period, format }) {
    const pages = stream(trx, query(period));
    yield* format === 'csv' ? csvText(pages) : lines(pages);
  };
}

/** What the staff hand the accountant: of all customers, by days of the seller's. */
function accounts(
  columns: readonly string[],
  rowsOf: (db: Db, days: DayRange) => Pages<Cell>,
): Write {
  return async function* (trx, { period, from, until, format }) {
    if (period.workspace_id !== undefined) {
      throw new Error('This is of all customers: leave --customer and --workspace away.');
    }
    const { time_zone } = await sellerOf(trx);
    const today = dayAt(time_zone, instantOf(new Date()));
    const to = until === undefined ? today : daysLater(dayOf('--until', until), -1);
    const pages = rowsOf(trx, { from: dayOf('--from', from ?? FIRST_DAY), to });
    yield* format === 'csv' ? csvOf({ columns, pages }) : lines(withoutMarks(pages));
  };
}

async function* lines(pages: Pages<ExportRow[string]>): AsyncGenerator<string> {
  for await (const page of pages) {
    yield page.map((row) => `${JSON.stringify(row, plain)}\n`).join('');
  }
}

async function* withoutMarks(pages: Pages<Cell>): AsyncGenerator<Record<string, string | null>[]> {
  for await (const page of pages) {
    yield page.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, cell]) => [
          name,
          typeof cell === 'object' && cell !== null ? cell.number : cell,
        ]),
      ),
    );
  }
}

function plain(_name: string, value: ExportRow[string]) {
  return plainCell(value);
}

/** The columns are those of the first row. */
async function* csvText(pages: AsyncGenerator<readonly ExportRow[]>): AsyncGenerator<string> {
  const first = await pages.next();
  if (first.done === true) return;
  const columns = Object.keys(first.value[0] ?? {});
  async function* all() {
    yield first.value ?? [];
    yield* pages;
  }
  yield* csvOf({ columns, pages: cells(all()) });
}

async function* cells(pages: AsyncIterable<readonly ExportRow[]>) {
  for await (const page of pages) {
    yield page.map((row) => Object.fromEntries(Object.entries(row).map(cellOf)));
  }
}

function cellOf([name, value]: [string, ExportRow[string]]): [string, string | null] {
  const text = plainCell(value);
  if (text === null || typeof text === 'string') return [name, text];
  return [name, JSON.stringify(text)];
}

function momentOf(option: string, text: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new Error(`${option} is a day or a moment, like 2026-11-01.`);
}

function dayOf(option: string, text: string): string {
  if (isDay(text)) return text;
  throw new Error(`${option} is a day here, like 2026-11-01.`);
}
