import type { Entry, WalletState } from '../core/wallet.ts';
import {
  type Owned,
  entryColumns,
  holdColumns,
  holdLotColumns,
  lotColumns,
  refundColumns,
  walletColumns,
} from './columns.ts';
import type { Statements } from './statements.ts';

/** What was decided for one wallet and is not written yet. */
export interface Change {
  before: WalletState;
  after: WalletState;
  entries: readonly Entry[];
}

/**
 * Writes what was decided for some wallets: their entries with the details, the lots, holds and
 * refund totals that changed or are new, and the wallets, in one statement over arrays.
 */
export async function write(statements: Statements, changes: readonly Change[]): Promise<void> {
  const wallets = changes.map(({ after }) => after.wallet);
  const owned = <Row>(rowsOf: (change: Change) => readonly Row[]): Owned<Row>[] =>
    changes.flatMap((change) =>
      rowsOf(change).map((row) => ({ wallet: change.after.wallet, row })),
    );
  const holds = owned(({ before, after }) =>
    after.holds.filter((hold) => !before.holds.includes(hold)),
  );
  await statements.query(WRITE, [
    ...entryColumns(owned((change) => change.entries)),
    ...lotColumns(
      owned(({ before, after }) => after.lots.filter((lot) => !before.lots.includes(lot))),
    ),
    ...holdColumns(holds),
    ...holdLotColumns(holds),
    ...refundColumns(
      owned(({ before, after }) => after.charges.filter((one) => !before.charges.includes(one))),
    ),
    ...walletColumns(wallets),
  ]);
}

const timestamp = (micros: string): string =>
  `timestamptz '1970-01-01T00:00:00Z' + ${micros} * interval '1 microsecond'`;

/** Numbers the parameters of one `unnest` after another. */
let parameters = 0;
const unnest = (name: string, columns: readonly string[]): string => {
  const typed = columns.map((column) => column.split(' '));
  const arrays = typed.map(([, type]) => `$${++parameters}::${type ?? ''}[]`);
  const names = typed.map(([column]) => column);
  return `${name} as (select * from unnest(${arrays.join(', ')}) as t(${names.join(', ')}))`;
};
/** Every table but the wallets themselves says whose row it is. */
const OWNER = ['wallet_id uuid', 'workspace_id uuid'];

const WRITE = `
  with ${unnest('entry', [
    ...OWNER,
    'seq int8',
    'kind text',
    'amount int8',
    'list_amount int8',
    'waiver text',
    'leg_lots text',
    'leg_from text',
    'leg_to text',
    'leg_amounts text',
    'available_after int8',
    'held_after int8',
    'debt_after int8',
    'namespace text',
    'key text',
    'key_hash uuid',
    'content_hash uuid',
    'actor_kind text',
    'actor_id uuid',
    'on_behalf_of text',
    'api_key_id uuid',
    'operation text',
    'quantity int8',
    'lines jsonb',
    'parent_seq int8',
    'payment_id uuid',
    'at int8',
    'occurred_at int8',
    'details jsonb',
  ])}, written as (
    insert into entries (wallet_id, workspace_id, seq, kind, amount, list_amount, waiver, leg_lots,
      leg_from, leg_to, leg_amounts, available_after, held_after, debt_after, namespace, key,
      key_hash, content_hash, actor_kind, actor_id, on_behalf_of, api_key_id, operation, quantity,
      lines, parent_seq, payment_id, at, occurred_at, recorded_at)
    select wallet_id, workspace_id, seq, kind, amount, list_amount, waiver, leg_lots::int4[], leg_from::"char"[],
      leg_to::"char"[], leg_amounts::int8[], available_after, held_after, debt_after, namespace,
      key, key_hash, content_hash, actor_kind, actor_id, on_behalf_of, api_key_id, operation,
      quantity, lines, parent_seq, payment_id, ${timestamp('at')}, ${timestamp('occurred_at')},
      clock_timestamp()
    from entry
  ), detailed as (
    insert into entry_details (wallet_id, workspace_id, seq, description, reason, metadata, request_id)
    select wallet_id, workspace_id, seq, details->>'description', details->>'reason', details->'metadata',
      details->>'request_id'
    from entry where details is not null
  ), ${unnest('lot', [
    ...OWNER,
    'number int4',
    'entry_seq int8',
    'source text',
    'priority int2',
    'granted_at int8',
    'expires_at int8',
    'granted int8',
    'available int8',
    'held int8',
    'consumed int8',
    'expired int8',
    'removed int8',
    'cost_minor int8',
    'currency text',
    'payment_id uuid',
    'operations text',
  ])}, stored_lots as (
    insert into lots (wallet_id, workspace_id, number, entry_seq, source, priority, granted_at,
      expires_at, granted, available, held, consumed, expired, removed, open, cost_minor, currency,
      payment_id, operations)
    select wallet_id, workspace_id, number, entry_seq, source, priority, ${timestamp('granted_at')},
      ${timestamp('expires_at')}, granted, available, held, consumed, expired, removed,
      available + held > 0, cost_minor, currency, payment_id, operations::text[]
    from lot
    on conflict (wallet_id, number) do update set available = excluded.available,
      held = excluded.held, consumed = excluded.consumed, expired = excluded.expired,
      removed = excluded.removed, open = excluded.open
  ), ${unnest('hold', [
    ...OWNER,
    'id uuid',
    'entry_seq int8',
    'operation text',
    'amount int8',
    'captured int8',
    'released int8',
    'created_at int8',
    'expires_at int8',
    'expires_at_most int8',
    'open bool',
  ])}, stored_holds as (
    insert into holds (wallet_id, workspace_id, id, entry_seq, operation, amount, captured, released,
      created_at, expires_at, expires_at_most, open)
    select wallet_id, workspace_id, id, entry_seq, operation, amount, captured, released, ${timestamp('created_at')},
      ${timestamp('expires_at')}, ${timestamp('expires_at_most')}, open
    from hold
    on conflict (wallet_id, id) do update set captured = excluded.captured,
      released = excluded.released, expires_at = excluded.expires_at, open = excluded.open
  ), ${unnest('hold_lot', [
    ...OWNER,
    'hold_id uuid',
    'lot_number int4',
    'position int2',
    'amount int8',
    'captured int8',
    'released int8',
  ])}, stored_hold_lots as (
    insert into hold_lots (wallet_id, workspace_id, hold_id, lot_number, position, amount, captured,
      released)
    select wallet_id, workspace_id, hold_id, lot_number, position, amount, captured, released from hold_lot
    on conflict (wallet_id, hold_id, lot_number) do update set captured = excluded.captured,
      released = excluded.released
  ), ${unnest('refund', [...OWNER, 'entry_seq int8', 'lot_number int4', 'taken int8', 'refunded int8'])},
  stored_refunds as (
    insert into refund_totals (wallet_id, workspace_id, entry_seq, lot_number, taken, refunded)
    select wallet_id, workspace_id, entry_seq, lot_number, taken, refunded from refund
    on conflict (wallet_id, entry_seq, lot_number) do update set refunded = excluded.refunded
  ), ${unnest('wallet', [
    'id uuid',
    'available int8',
    'held int8',
    'debt int8',
    'last_seq int8',
    'last_lot int4',
    'last_at int8',
    'next_due_at int8',
  ])}
  update wallets w set available = t.available, held = t.held, debt = t.debt, last_seq = t.last_seq,
    last_lot = t.last_lot, last_at = ${timestamp('t.last_at')},
    next_due_at = ${timestamp('t.next_due_at')}
  from wallet t where w.id = t.id`;
