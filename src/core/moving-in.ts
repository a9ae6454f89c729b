import { parseCredits } from './credits.ts';
import type { LotSource } from './lots.ts';

/** The tables that products keep credits in before they move in. */
export const MOVING_FORMS = [
  'users',
  'user_credits',
  'credit_transactions',
  'credit_logs',
  'transactions',
] as const;
export type MovingForm = (typeof MOVING_FORMS)[number];

/** Whose rows open balances; all others are history, which moves nothing. */
export const OPENS_BALANCES: ReadonlySet<MovingForm> = new Set(['users', 'user_credits']);

/** A line of a file, by its columns in lower case with underscores. */
export type MovingRecord = Readonly<Record<string, string>>;

/** What a line says, as it is taken in. */
export interface MovedRow {
  /** Whose it is, as the former system called them. */
  account: string;
  email?: string | undefined;
  name?: string | undefined;
  /** What the former system called the line; undefined where it has no name. */
  ref?: string | undefined;
  /** Signed for history; what can still be spent for a balance. */
  amount_micro: bigint;
  /** What it was called there. */
  kind: string;
  description: string;
  /** ISO 8601; of history, and until when a balance can be spent. */
  at?: string | undefined;
  source?: LotSource | undefined;
}

export type ReadLine =
  | { outcome: 'row'; row: MovedRow }
  /** Nothing to take in: a payment that failed, credits that are used up or have expired. */
  | { outcome: 'left_out'; why: string }
  | { outcome: 'fault'; why: string };

interface Reading {
  record: MovingRecord;
  /** Names of packages by their ids. */
  packages: ReadonlyMap<string, string>;
  now: Date;
}

/** What makes a line unfit to be taken in, for whoever mends the file. */
class LineFault extends Error {}

/** Reads a line of a file of one form. */
export function readLine(form: MovingForm, reading: Reading): ReadLine {
  try {
    return READERS[form](reading);
  } catch (error) {
    if (error instanceof LineFault) return { outcome: 'fault', why: error.message };
    throw error;
  }
}

/** The name of a column as readers look for it: `userId` and `User ID` are `user_id`. */
export function columnName(header: string): string {
  return header
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase();
}

const READERS: Record<MovingForm, (reading: Reading) => ReadLine> = {
  users: ({ record }) => {
    const email = needed(record, 'address', EMAIL);
    const amount_micro = notNegative(amountOf(textOf(record, BALANCE) ?? '0'));
    const account = textOf(record, ['id', ...ACCOUNT]) ?? email.toLowerCase();
    const name = textOf(record, ['name', 'full_name', 'display_name', 'username']);
    return row({
      ...{ account, ref: account, email, name: name ?? email.replace(/@.*/, '') },
      ...{ amount_micro, kind: 'balance', description: 'Balance', source: 'import' },
    });
  },
  user_credits: ({ record, packages, now }) => {
    const account = needed(record, 'user', ACCOUNT);
    const left = remaining(record);
    const expires = timeOf(textOf(record, ['expires_at', 'expiry', 'expires', 'valid_until']));
    if (left === 0n) return leftOut('used up');
    if (expires !== undefined && new Date(expires) <= now) return leftOut('expired');
    const bought = textOf(record, ['package_name', 'package_id', 'package', 'plan_id', 'plan']);
    const kind = textOf(record, KIND) ?? (bought === undefined ? 'credits' : 'purchase');
    const description = bought === undefined ? kind : (packages.get(bought) ?? bought);
    return row({
      // What is left changes, so that it names no line.
      ...{ account, ref: textOf(record, ID) ?? [account, bought, textOf(record, TIME)].join(' ') },
      ...{ amount_micro: left, kind, description, at: expires, source: sourceOf(kind) },
    });
  },
  credit_transactions: ({ record }) => event(record, signed(record, AMOUNT)),
  credit_logs: ({ record }) => {
    const used = textOf(record, ['credits_used', 'used', 'cost', 'credits_spent']);
    if (used === undefined) return event(record, signed(record, AMOUNT));
    return event(record, -notNegative(amountOf(used)));
  },
  transactions: ({ record, packages }) => {
    const status = textOf(record, ['status', 'state', 'payment_status'])?.toLowerCase();
    if (status !== undefined && !DONE.has(status)) return leftOut(status);
    const bought = textOf(record, ['package_name', 'package_id', 'package', 'plan']);
    // The amount of a payment is money.
    const credits = signed(record, ['credits', 'credits_added', 'credit_amount', 'credits_amount']);
    return event(
      record,
      credits,
      bought === undefined ? undefined : (packages.get(bought) ?? bought),
    );
  },
};

const ID = ['id', 'transaction_id', 'log_id', 'uuid', 'reference'];
const ACCOUNT = ['user_id', 'account_id', 'customer_id', 'user', 'user_email', 'email'];
const EMAIL = ['email', 'email_address', 'user_email'];
const BALANCE = [
  ...['credits', 'credit_balance', 'credits_balance', 'balance', 'remaining_credits'],
  ...['credits_remaining', 'credit'],
];
const AMOUNT = ['amount', 'credits', 'credit_amount', 'credits_amount', 'delta', 'change'];
const KIND = ['type', 'transaction_type', 'kind', 'action', 'operation', 'feature', 'source'];
const DESCRIPTION = ['description', 'note', 'reason', 'memo', 'details', 'title'];
const TIME = ['created_at', 'at', 'timestamp', 'date', 'time', 'inserted_at'];

/** What a payment is called that was made. */
const DONE = new Set(['completed', 'complete', 'succeeded', 'success', 'paid', 'done', 'settled']);
/** What spending is called where amounts have no sign. */
const SPENT =
  /^(?:usage|use|used|debit|spend|spent|spending|deduct|deduction|consume|consumption|charge)$/i;

function row(moved: MovedRow): ReadLine {
  return { outcome: 'row', row: moved };
}

function leftOut(why: string): ReadLine {
  return { outcome: 'left_out', why };
}

function event(record: MovingRecord, amount_micro: bigint, bought?: string): ReadLine {
  const kind = textOf(record, KIND) ?? (amount_micro < 0n ? 'usage' : 'credits');
  const at = timeOf(textOf(record, TIME));
  if (at === undefined) throw new LineFault(`There is no time: name one of ${TIME.join(', ')}.`);
  return row({
    ...{ account: needed(record, 'user', ACCOUNT), ref: textOf(record, ID) },
    ...{ amount_micro, kind, description: textOf(record, DESCRIPTION) ?? bought ?? kind, at },
  });
}

/** An amount with its sign; what is spent goes out, also where the file says so in words only. */
function signed(record: MovingRecord, columns: readonly string[]): bigint {
  const amount = amountOf(needed(record, 'amount', columns));
  return amount > 0n && SPENT.test(textOf(record, KIND) ?? '') ? -amount : amount;
}

/** What a row of `user_credits` has left: said, or what was given less what was used. */
function remaining(record: MovingRecord): bigint {
  const said = textOf(record, ['credits_remaining', 'remaining_credits', 'remaining', 'balance']);
  if (said !== undefined) return notNegative(amountOf(said));
  const given = needed(record, 'amount', ['credits_total', 'total_credits', 'credits', 'amount']);
  const used = textOf(record, ['credits_used', 'used_credits', 'used']) ?? '0';
  return notNegative(amountOf(given) - notNegative(amountOf(used)));
}

function sourceOf(kind: string): LotSource {
  if (/welcome|sign.?up|trial/i.test(kind)) return 'welcome';
  if (/reward|referral/i.test(kind)) return 'reward';
  if (/bonus|promo|free|gift/i.test(kind)) return 'promo';
  return 'import';
}

/** The first of these columns that says something. */
function textOf(record: MovingRecord, columns: readonly string[]): string | undefined {
  for (const column of columns) {
    const text = record[column]?.trim();
    if (text !== undefined && text !== '' && text.toLowerCase() !== 'null') return text;
  }
  return undefined;
}

function needed(record: MovingRecord, what: string, columns: readonly string[]): string {
  const text = textOf(record, columns);
  if (text !== undefined) return text;
  throw new LineFault(`There is no ${what}: one of ${columns.join(', ')} says it.`);
}

/** Exact to the micro-credit; zeros behind that are a habit of some databases. */
function amountOf(text: string): bigint {
  const amount = parseCredits(text.replace(/^\+/, '').replace(/(\.\d{6})0+$/, '$1'));
  if (amount !== undefined) return amount;
  throw new LineFault(
    `"${text}" is no amount: write digits, with a point before at most six decimals, and no formula.`,
  );
}

function notNegative(amount: bigint): bigint {
  if (amount >= 0n) return amount;
  throw new LineFault('An amount below zero cannot be moved in: settle what is owed, or write 0.');
}

const TIME_SHAPE =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/** A moment as databases write it; without a zone it is UTC. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, day = '', clock = '00:00', zone = 'Z'] = TIME_SHAPE.exec(text) ?? [];
  const offset = /^(?:z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)?$/, '$1:$2');
  const moment = new Date(`${day}T${clock}${offset.endsWith(':') ? `${offset}00` : offset}`);
  if (!Number.isNaN(moment.getTime()) && moment.toISOString() >= '1970')
    return moment.toISOString();
  throw new LineFault(`"${text}" is no time: write it like 2026-11-22 or 2026-11-22T10:00:00Z.`);
}
