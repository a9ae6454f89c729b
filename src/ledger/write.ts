import type { Instant } from '../core/instant.ts';
import type { Lot } from '../core/lots.ts';
import type { PricedLine } from '../core/price-rules.ts';
import type { Bucket, Entry, WalletState } from '../core/wallet.ts';
import { contentHash, keyHash } from './keys.ts';
import type { Statements } from './statements.ts';

/** The letter of each bucket in the leg columns of entries. */
export const BUCKET_LETTERS: Record<Bucket, string> = {
  outside: 'w',
  available: 'a',
  held: 'h',
  consumed: 'c',
  expired: 'e',
  removed: 'r',
  debt: 'd',
};

/**
 * Writes what was decided for one wallet: its entries with their details, the lots that changed or
 * are new, and the wallet, in one statement over arrays.
 */
export async function write(
  statements: Statements,
  before: WalletState,
  after: WalletState,
  entries: readonly Entry[],
): Promise<void> {
  if (entries.length === 0) return;
  const known = new Map(before.lots.map((lot) => [lot.number, lot]));
  const changed = after.lots.filter((lot) => known.get(lot.number) !== lot);
  const { wallet } = after;
  await statements.query(WRITE, [
    wallet.id,
    wallet.workspace_id,
    ...entryColumns(entries),
    ...lotColumns(changed),
    wallet.available,
    wallet.held,
    wallet.debt,
    wallet.last_seq,
    wallet.last_lot,
    wallet.last_at,
    wallet.next_due_at,
  ]);
}

const timestamp = (micros: string): string =>
  `timestamptz '1970-01-01T00:00:00Z' + ${micros} * interval '1 microsecond'`;

const WRITE = `
  with entry as (
    select * from unnest($3::int8[], $4::text[], $5::int8[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::int8[], $11::int8[], $12::int8[], $13::text[], $14::text[], $15::uuid[],
      $16::uuid[], $17::text[], $18::uuid[], $19::text[], $20::uuid[], $21::text[], $22::int8[],
      $23::jsonb[], $24::int8[], $25::uuid[], $26::int8[], $27::int8[], $28::jsonb[])
    as t(seq, kind, amount, leg_lots, leg_from, leg_to, leg_amounts, available_after, held_after,
      debt_after, namespace, key, key_hash, content_hash, actor_kind, actor_id, on_behalf_of,
      api_key_id, operation, quantity, lines, parent_seq, payment_id, at, occurred_at, details)
  ), written as (
    insert into entries (wallet_id, workspace_id, seq, kind, amount, leg_lots, leg_from, leg_to,
      leg_amounts, available_after, held_after, debt_after, namespace, key, key_hash, content_hash,
      actor_kind, actor_id, on_behalf_of, api_key_id, operation, quantity, lines, parent_seq,
      payment_id, at, occurred_at, recorded_at)
    select $1, $2, seq, kind, amount, leg_lots::int4[], leg_from::"char"[], leg_to::"char"[],
      leg_amounts::int8[], available_after, held_after, debt_after, namespace, key, key_hash,
      content_hash, actor_kind, actor_id, on_behalf_of, api_key_id, operation, quantity, lines,
      parent_seq, payment_id, ${timestamp('at')}, ${timestamp('occurred_at')}, clock_timestamp()
    from entry
  ), detailed as (
    insert into entry_details (wallet_id, workspace_id, seq, description, reason, metadata, request_id)
    select $1, $2, seq, details->>'description', details->>'reason', details->'metadata',
      details->>'request_id'
    from entry where details is not null
  ), lot as (
    select * from unnest($29::int4[], $30::int8[], $31::text[], $32::int2[], $33::int8[],
      $34::int8[], $35::int8[], $36::int8[], $37::int8[], $38::int8[], $39::int8[], $40::int8[],
      $41::int8[], $42::text[], $43::uuid[], $44::text[])
    as t(number, entry_seq, source, priority, granted_at, expires_at, granted, available, held,
      consumed, expired, removed, cost_minor, currency, payment_id, operations)
  ), stored as (
    insert into lots (wallet_id, workspace_id, number, entry_seq, source, priority, granted_at,
      expires_at, granted, available, held, consumed, expired, removed, open, cost_minor, currency,
      payment_id, operations)
    select $1, $2, number, entry_seq, source, priority, ${timestamp('granted_at')},
      ${timestamp('expires_at')}, granted, available, held, consumed, expired, removed,
      available + held > 0, cost_minor, currency, payment_id, operations::text[]
    from lot
    on conflict (wallet_id, number) do update set available = excluded.available,
      held = excluded.held, consumed = excluded.consumed, expired = excluded.expired,
      removed = excluded.removed, open = excluded.open
  )
  update wallets set available = $45, held = $46, debt = $47, last_seq = $48, last_lot = $49,
    last_at = ${timestamp('$50::int8')}, next_due_at = ${timestamp('$51::int8')}
  where id = $1`;

function entryColumns(entries: readonly Entry[]): unknown[][] {
  const column = (value: (entry: Entry) => unknown): unknown[] => entries.map(value);
  return [
    column((entry) => entry.seq),
    column((entry) => entry.kind),
    column((entry) => entry.amount),
    column((entry) => literal(entry.legs.map((leg) => leg.lot))),
    column((entry) => literal(entry.legs.map((leg) => BUCKET_LETTERS[leg.from]))),
    column((entry) => literal(entry.legs.map((leg) => BUCKET_LETTERS[leg.to]))),
    column((entry) => literal(entry.legs.map((leg) => leg.amount))),
    column((entry) => entry.available_after),
    column((entry) => entry.held_after),
    column((entry) => entry.debt_after),
    column((entry) => entry.key.namespace),
    column((entry) => entry.key.key),
    column((entry) => keyHash(entry.key)),
    column((entry) => contentHash(entry.content)),
    column((entry) => entry.asked.actor_kind),
    column((entry) => entry.asked.actor_id),
    column((entry) => entry.asked.on_behalf_of),
    column((entry) => entry.asked.api_key_id),
    column((entry) => entry.operation),
    column((entry) => entry.quantity),
    column((entry) => (entry.lines === null ? null : JSON.stringify(entry.lines.map(storedLine)))),
    column((entry) => entry.parent_seq),
    column((entry) => entry.payment_id),
    column((entry) => entry.at),
    column((entry) => entry.occurred_at),
    column((entry) => (entry.details === null ? null : JSON.stringify(entry.details))),
  ];
}

function lotColumns(lots: readonly Lot[]): unknown[][] {
  const column = (value: (lot: Lot) => Instant | string | number | null): unknown[] =>
    lots.map(value);
  return [
    column((lot) => lot.number),
    column((lot) => lot.entry_seq),
    column((lot) => lot.source),
    column((lot) => lot.priority),
    column((lot) => lot.granted_at),
    column((lot) => lot.expires_at),
    column((lot) => lot.granted),
    column((lot) => lot.available),
    column((lot) => lot.held),
    column((lot) => lot.consumed),
    column((lot) => lot.expired),
    column((lot) => lot.removed),
    column((lot) => lot.cost_minor),
    column((lot) => lot.currency),
    column((lot) => lot.payment_id),
    column((lot) => (lot.operations === null ? null : literal(lot.operations.map(quoted)))),
  ];
}

/** JSON has no bigint: a line's whole numbers are stored as strings. */
function storedLine(line: PricedLine): Record<string, unknown> {
  return {
    code: line.code,
    label: line.label,
    unit: line.unit,
    quantity: String(line.quantity),
    price: String(line.price_pico),
    amount: String(line.amount_micro),
    rule: line.rule,
    version: line.version,
  };
}

/** An array as text, since PostgreSQL's unnest would take an array of arrays apart to the bottom. */
function literal(items: readonly (string | number | bigint)[]): string {
  return `{${items.join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
