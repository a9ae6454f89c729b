import type { Budget } from '../core/budgets.ts';
import type { Instant } from '../core/instant.ts';
import type { News } from '../core/news.ts';
import type { Crossing } from '../core/thresholds.ts';
import type { Counter, CounterKey } from '../core/counters.ts';
import { arrayOf, microsecondsOf, timestampOf } from './arrays.ts';
import type { OfWallet } from './read-state.ts';
import type { Statements } from './statements.ts';
import { type Column, type Owned, insert, overwrite, owner } from './array-statements.ts';

const BUDGETS = `
  select wallet_id, id, subject, period, limit_amount, hard, raised_to,
    ${microsecondsOf('raised_until')} as raised_until, time_zone
  from budgets where wallet_id = any($1::uuid[]) order by wallet_id, id`;

const COUNTERS = `
  select c.wallet_id, c.subject, c.period, ${microsecondsOf('c.starts_at')} as starts_at,
    c.quantity, c.amount
  from unnest($1::uuid[], $2::text[], $3::text[], $4::int8[])
    as named(wallet_id, subject, period, starts_at)
  join counters c on c.wallet_id = named.wallet_id and c.subject = named.subject
    and c.period = named.period and c.starts_at = ${timestampOf('named.starts_at')}`;

/** The budgets of wallets that are locked. */
export async function readBudgets(
  statements: Statements,
  walletIds: readonly string[],
): Promise<OfWallet<Budget>[]> {
  return statements.query<OfWallet<Budget>>(BUDGETS, [arrayOf('uuid', walletIds)]);
}

/** The counters of these windows; one in which nothing was counted yet is missing. */
export async function readCounters(
  statements: Statements,
  keys: readonly OfWallet<CounterKey>[],
): Promise<OfWallet<Counter>[]> {
  return statements.query<OfWallet<Counter>>(COUNTERS, [
    arrayOf(
      'uuid',
      keys.map((key) => key.wallet_id),
    ),
    arrayOf(
      'text',
      keys.map((key) => key.subject),
    ),
    arrayOf(
      'text',
      keys.map((key) => key.period),
    ),
    arrayOf(
      'int8',
      keys.map((key) => key.starts_at),
    ),
  ]);
}

const COUNTER_STATE: readonly Column<Owned<Counter>>[] = [
  ['quantity', 'int8', ({ row }) => row.quantity],
  ['amount', 'int8', ({ row }) => row.amount],
];

export const storeCounters = insert<Owned<Counter>>(
  'counters',
  [
    ...owner<Counter>(),
    ['subject', 'text', ({ row }) => row.subject],
    ['period', 'text', ({ row }) => row.period],
    ['starts_at', 'instant', ({ row }) => row.starts_at],
    ...COUNTER_STATE,
  ],
  {},
  overwrite('wallet_id, subject, period, starts_at', COUNTER_STATE),
);

/** What somebody may want to be told: of a wallet after a command, or of an entry. */
export type Told = Crossing | { kind: News };
/** A crossing belongs to the last entry of the command that was decided, news to their own. */
export type OutboxRow = { seq: bigint; at: Instant; told: Told };

export const insertOutbox = insert<Owned<OutboxRow>>('ledger_outbox', [
  ...owner<OutboxRow>(),
  ['seq', 'int8', ({ row }) => row.seq],
  ['kind', 'text', ({ row }) => row.told.kind],
  ['payload', 'jsonb', ({ row: { told } }) => payloadText(told)],
  ['created_at', 'instant', ({ row }) => row.at],
]);

/** JSON has no bigint: whole numbers are stored as strings. The kind stands in its own column. */
function payloadText(told: Told): string {
  return JSON.stringify(told, (key, value: unknown) => {
    if (key === 'kind') return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  });
}
