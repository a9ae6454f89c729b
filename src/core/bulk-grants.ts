import { AMOUNT_MICRO_MAX, formatCredits, parseCredits } from './credits.ts';
import { endOfDayUtc } from './last-days.ts';

export const BULK_GRANT_ROWS_MAX = 10_000;
const NOTE_LENGTH_MAX = 500;
/** Longer than any address or id; what is longer is cut where it is kept. */
const WRITTEN_LENGTH_MAX = 400;

/** What each column may be called. */
const COLUMNS = {
  customer: ['customer', 'id', 'workspace_id', 'external_id', 'email', 'e-mail'],
  credits: ['credits', 'amount'],
  note: ['note', 'reason'],
  last_day: ['last_day', 'expires'],
} as const;
type Column = keyof typeof COLUMNS;
const NAMES: readonly Column[] = ['customer', 'credits', 'note', 'last_day'];

/** A row of a table, by the line at which it ends. */
export interface WrittenRow {
  line: number;
  cells: string[];
}

/** A row of the file as it was written. */
export interface WrittenGrant {
  line: number;
  customer: string;
  credits: string;
  note: string;
  last_day: string;
  /** Whether the row has another number of cells than the first line. */
  is_ragged: boolean;
}

export type WrittenGrants =
  | { outcome: 'read'; grants: WrittenGrant[] }
  /** Nothing of the file can be read. */
  | { outcome: 'refused'; sentence: string };

/** Reads the rows of a file of grants; the first names the columns, in any order. */
export function readGrants([head, ...rows]: readonly WrittenRow[]): WrittenGrants {
  if (head === undefined) return refused('There is nothing in it.');
  const places = placesIn(head.cells);
  if (typeof places === 'string') return refused(places);
  if (rows.length === 0) return refused('There are no rows below the first line.');
  if (rows.length > BULK_GRANT_ROWS_MAX) {
    const most = BULK_GRANT_ROWS_MAX.toLocaleString('en');
    return refused(`There are more than ${most} rows. Make several files of it.`);
  }
  const grants = rows.map(({ line, cells }): WrittenGrant => {
    const cell = (column: Column): string =>
      (cells[places[column]] ?? '').slice(0, WRITTEN_LENGTH_MAX + NOTE_LENGTH_MAX);
    return {
      line,
      customer: cell('customer').slice(0, WRITTEN_LENGTH_MAX),
      credits: cell('credits').slice(0, WRITTEN_LENGTH_MAX),
      note: cell('note'),
      last_day: cell('last_day'),
      is_ragged: cells.length !== head.cells.length,
    };
  });
  return { outcome: 'read', grants };
}

function refused(sentence: string): WrittenGrants {
  return { outcome: 'refused', sentence };
}

/** Where each column stands, -1 for one that is left out; or what is wrong with the first line. */
function placesIn(head: readonly string[]): Record<Column, number> | string {
  const places = { customer: -1, credits: -1, note: -1, last_day: -1 };
  for (const [place, written] of head.entries()) {
    const name = written.toLowerCase().replaceAll(' ', '_');
    const column = NAMES.find((one) => COLUMNS[one].some((other) => other === name));
    if (column === undefined) {
      return `The first line names the columns. “${written.slice(0, 40)}” is none of customer, credits, note and last_day.`;
    }
    if (places[column] !== -1) return `Two columns are “${column}”. Leave one of them out.`;
    places[column] = place;
  }
  for (const needed of ['customer', 'credits'] as const) {
    if (places[needed] === -1) return `The first line names no column “${needed}”.`;
  }
  return places;
}

/** A customer whom a row may mean. */
export interface MeantCustomer {
  workspace_id: string;
  wallet_id: string;
  is_deactivated: boolean;
  /** It was found by an address that nobody has shown to be theirs. */
  is_unverified: boolean;
}

/** A row with what would come of it. */
export interface CheckedGrant {
  line: number;
  customer: string;
  written_amount: string;
  wallet_id: string | null;
  amount_micro: bigint | null;
  note: string | null;
  expires_at: Date | null;
  /** What is wrong with it, in sentences; null: nothing. */
  fault: string | null;
}

/** Whom and what the rows are checked against. */
export interface GrantChecks {
  /** The customers whom each text may mean; none for one that nobody has. */
  customers: ReadonlyMap<string, readonly MeantCustomer[]>;
  /** What one person may give alone in a day; undefined: without limit. */
  limit_micro: bigint | undefined;
  now: Date;
}

/** Says of each row whom it gives how much, and what is wrong with it. */
export function checkGrants(grants: readonly WrittenGrant[], checks: GrantChecks): CheckedGrant[] {
  const lines = new Map<string, number>();
  return grants.map((grant) => {
    const faults: string[] = [];
    const tell = (fault: string): null => {
      faults.push(fault);
      return null;
    };
    if (grant.is_ragged) tell('It has another number of cells than the first line.');
    const customer = customerIn(grant, checks, tell);
    const amount_micro = amountIn(grant.credits, checks.limit_micro, tell);
    const expires_at = grant.last_day === '' ? null : lastDayIn(grant.last_day, checks.now, tell);
    if (grant.note.length > NOTE_LENGTH_MAX) {
      tell(`The note is longer than ${NOTE_LENGTH_MAX} characters.`);
    }
    const first = customer && lines.get(customer.wallet_id);
    if (first) tell(`Line ${first} is for the same customer.`);
    else if (customer) lines.set(customer.wallet_id, grant.line);
    return {
      line: grant.line,
      customer: grant.customer,
      written_amount: grant.credits,
      wallet_id: customer?.wallet_id ?? null,
      amount_micro,
      note: grant.note.slice(0, NOTE_LENGTH_MAX) || null,
      expires_at,
      fault: faults.length === 0 ? null : faults.join(' '),
    };
  });
}

type Tell = (fault: string) => null;

function customerIn(
  { customer: text }: WrittenGrant,
  { customers }: GrantChecks,
  tell: Tell,
): MeantCustomer | null {
  if (text === '') return tell('It names no customer.');
  const [found, ...others] = customers.get(text) ?? [];
  if (found === undefined) return tell('No customer has this id or address.');
  if (others.length > 0) return tell('Several customers have it. Write the id of the workspace.');
  if (found.is_deactivated) tell('This customer is deactivated.');
  if (found.is_unverified) tell('Nobody has verified this address. Write the id of the workspace.');
  return found;
}

function amountIn(text: string, limit: bigint | undefined, tell: Tell): bigint | null {
  if (text === '') return tell('It says no credits.');
  if (/^-?\d+\.\d{7,}$/.test(text)) return tell('Credits have six decimals at most.');
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) {
    return tell('Its credits are no number such as 1000 or 2.5, without signs or spaces.');
  }
  const micro = parseCredits(text);
  if (micro === undefined) {
    return tell(`No wallet holds more than ${formatCredits(AMOUNT_MICRO_MAX)} credits.`);
  }
  if (micro <= 0n) return tell('Its credits are not above 0. Nothing is taken away by a file.');
  if (limit !== undefined && micro > limit) {
    tell(`It is more than the ${formatCredits(limit)} credits that you may give alone.`);
  }
  return micro;
}

function lastDayIn(text: string, now: Date, tell: Tell): Date | null {
  return endOfDayUtc(text, now) ?? tell('Its last day is no day from today on, as 2026-12-31.');
}

/** What the rows without a fault come to. */
export function grantTotals(rows: readonly Pick<CheckedGrant, 'amount_micro' | 'fault'>[]) {
  const good = rows.filter(({ fault }) => fault === null);
  return {
    rows: good.length,
    faults: rows.length - good.length,
    total_micro: good.reduce((sum, { amount_micro }) => sum + (amount_micro ?? 0n), 0n),
  };
}
