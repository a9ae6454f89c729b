import { NOBODY } from '../../src/ledger/rollups/fold.ts';
import type { TestDatabase } from './database.ts';

/**
 * Adds debits of a micro-credit each to a wallet, a second apart and by SQL, so that there are many:
 * from its first lot, in which there is enough. Nothing may be due meanwhile.
 */
export async function addManyDebits(
  database: TestDatabase,
  walletId: string,
  count: number,
): Promise<void> {
  await database.query(
    `with added as (
      insert into entries (wallet_id, seq, workspace_id, kind, amount, leg_lots, leg_from, leg_to,
        leg_amounts, available_after, held_after, debt_after, namespace, key, key_hash, content_hash,
        actor_kind, operation, quantity, at, recorded_at)
      select w.id, w.last_seq + i, w.workspace_id, 'debit', 1, '{1}', '{a}', '{c}', '{1}',
        w.available - i, w.held, w.debt, 'many', (w.last_seq + i)::text,
        encode(substring(sha256(convert_to('many', 'UTF8') || '\\x00'::bytea || convert_to((w.last_seq + i)::text, 'UTF8')) for 16), 'hex')::uuid, md5('work')::uuid, 'job', 'work', 1,
        w.last_at + i * interval '1 second', now()
      from wallets w, generate_series(1, $2::int) i where w.id = $1
    ), taken as (
      update lots set available = available - $2, consumed = consumed + $2
      where wallet_id = $1 and number = 1
    )
    update wallets set available = available - $2, last_seq = last_seq + $2,
      last_at = last_at + $2 * interval '1 second' where id = $1`,
    [walletId, count],
  );
}

/** So many workspaces, each with a row or two of what wallets have. */
export async function addManyWallets(database: TestDatabase, count: number): Promise<void> {
  await database.query(
    `with made as (
      insert into workspaces (id, kind, name, slug)
      select gen_random_uuid(), 'team', 'Other', 'other-' || i from generate_series(1, $1::int) i
      returning id
    ), opened as (
      insert into wallets (id, workspace_id, livemode) select gen_random_uuid(), id, false from made
      returning id, workspace_id
    ), granted as (
      insert into lots (wallet_id, number, workspace_id, entry_seq, source, priority, granted_at,
        granted, available, expired, open)
      select id, 1, workspace_id, 1, 'welcome', 10, now(), 5, 0, 5, false from opened
    ), detailed as (
      insert into entry_details (wallet_id, seq, workspace_id, description)
      select id, 1, workspace_id, 'Other' from opened
    ), refunded as (
      insert into refund_totals (wallet_id, entry_seq, lot_number, workspace_id, taken, refunded)
      select id, 2, 1, workspace_id, 1, 1 from opened
    ), rolled_up as (
      insert into entry_rollups (wallet_id, workspace_id, quarter_hour, occurred_quarter_hour, kind,
        operation, api_key_id, person_id, first_seq, last_seq, entry_count, amount, balance_change,
        quantity)
      select id, workspace_id, '2025-01-01Z', '2025-01-01Z', 'grant', '', '${NOBODY}', '${NOBODY}',
        1, 1, 1, 5, 5, 0 from opened
    ), reached as (
      insert into rollup_progress (wallet_id, workspace_id, last_seq)
      select id, workspace_id, 1 from opened
    ), held as (
      insert into holds (wallet_id, id, workspace_id, entry_seq, amount, released, created_at,
        expires_at, expires_at_most, open)
      select id, gen_random_uuid(), workspace_id, 2, 1, 1, now(), now(), now(), false from opened
      returning wallet_id, id, workspace_id
    )
    insert into hold_lots (wallet_id, hold_id, lot_number, workspace_id, position, amount, released)
    select wallet_id, id, 1, workspace_id, 0, 1, 1 from held`,
    [count],
  );
}
