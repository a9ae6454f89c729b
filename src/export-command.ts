/** What the command line writes out for others: a row each, as many as there are. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { paymentsToExport } from './billing/payment-export.ts';
import type { Config } from './config.ts';
import { entriesToExport } from './ledger/entry-export.ts';
import { type ExportRow, auditToExport, plainCell } from './lib/exports.ts';
import { stream } from './lib/cursors.ts';
import { accountNamed } from './named-account.ts';
import { openDatabase } from './open-database.ts';
import type { Running } from './program.ts';
import { csvOf } from './usage/files.ts';

const QUERIES = { entries: entriesToExport, payments: paymentsToExport, audit: auditToExport };
const names = Object.keys(QUERIES).join(', ');

interface ExportValues {
  of?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
  format?: string | undefined;
  customer?: string | undefined;
  workspace?: string | undefined;
}

/** Writes to standard output, as fast as it is read, all of one moment. */
export async function writeExport(
  running: Running,
  config: Config,
  values: ExportValues,
): Promise<void> {
  const { of = '', format = 'jsonl' } = values;
  const query = Object.entries(QUERIES).find(([name]) => name === of)?.[1];
  if (query === undefined) throw new Error(`export needs --of, one of ${names}.`);
  if (format !== 'csv' && format !== 'jsonl') throw new Error('--format is csv or jsonl.');
  const from = momentOf('--from', values.from ?? '1970-01-01');
  const until = momentOf('--until', values.until ?? new Date().toISOString());
  const { staff } = await openDatabase(running, config);
  const account = await accountNamed(staff, values);
  const snapshot = staff.transaction().setIsolationLevel('repeatable read');
  await snapshot.setAccessMode('read only').execute(async (trx) => {
    const period = { from, until, workspace_id: account?.workspace_id };
    const pages = stream(trx, query(period));
    const text = format === 'csv' ? csvText(pages) : lines(pages);
    await pipeline(Readable.from(text), process.stdout, { end: false });
  });
}

async function* lines(pages: AsyncIterable<readonly ExportRow[]>): AsyncGenerator<string> {
  for await (const page of pages) {
    yield page.map((row) => `${JSON.stringify(row, plain)}\n`).join('');
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
