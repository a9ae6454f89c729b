import { type EntryFilter, filteredEntries } from '../../ledger/filtered-entries.ts';
import { type Db, inWorkspace } from '../../lib/database.ts';
import { wordingFor } from '../entry-rows.ts';
import { type Cell, clockOf, entryCells } from './entry-columns.ts';

/** Entries that are read at once: enough to be fast, and little to keep. */
const PAGE = 1_000;

/** The rows of all entries that a filter lets through, newest first, each page in its own transaction. */
export async function* entryRows(
  db: Db,
  { workspace_id, wallet_id }: { workspace_id: string; wallet_id: string },
  filter: EntryFilter,
  zone: string,
): AsyncGenerator<Record<string, Cell>[]> {
  const clock = clockOf(zone);
  const read = <Result>(work: (trx: Db) => Promise<Result>): Promise<Result> =>
    inWorkspace(db, workspace_id, work);
  for await (const entries of filteredEntries(wallet_id, filter, { limit: PAGE, read })) {
    const wording = await read((trx) => wordingFor(trx, wallet_id, entries));
    yield entries.map((entry) => entryCells(entry, wording, { zone, clock }));
  }
}

export const ENTRY_COLUMNS = [
  'number',
  'time_utc',
  'time_local',
  'time_zone',
  'happened_utc',
  'kind',
  'title',
  'description',
  'operation',
  'quantity',
  'amount',
  'balance_change',
  'balance_after',
  'available_after',
  'by',
  'customer',
  'about_number',
  'payment',
  'idempotency_key',
  'request',
] as const;
