import { randomBytes } from 'node:crypto';
import type {
  Capture,
  Debit,
  Grant,
  HoldCredits,
  KeyedCommand,
  Transfer,
} from '../../src/core/commands.ts';
import { ONE_UNIT } from '../../src/core/price-rules.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openWallet } from '../../src/ledger/wallets.ts';
import { enterWorkspace } from '../../src/lib/database.ts';
import { newId } from '../../src/lib/ids.ts';
import type { TestDatabase } from './database.ts';
import { CREDIT, aDebit, aGrant, aRule } from './wallet-states.ts';

export interface TestWallet {
  id: string;
  workspace_id: string;
  /** Commands for this wallet, each with a key of its own unless one is given. */
  grant(credits: bigint, more?: Partial<Grant>): Grant;
  debit(units: bigint, more?: Partial<Debit>): Debit;
  hold(units: bigint, more?: Partial<HoldCredits>): HoldCredits;
  capture(hold_id: string, units: bigint, more?: Partial<Capture>): Capture;
  release(hold_id: string): KeyedCommand;
  extend(hold_id: string, ttl_seconds: number): KeyedCommand;
  refund(entry_seq: bigint, amount_micro?: bigint): KeyedCommand;
  clawback(lot: number, credits: bigint): KeyedCommand;
  reinstatement(entry_seq: bigint): KeyedCommand;
  writeOff(amount_micro?: bigint): KeyedCommand;
  transfer(to: TestWallet, credits: bigint, more?: Partial<Transfer>): Transfer;
  adjustment(credits: bigint): KeyedCommand;
}

/** A workspace without members and its empty live wallet. */
export async function newWallet(database: Pick<TestDatabase, 'connections'>): Promise<TestWallet> {
  const workspace_id = newId();
  const id = await database.connections.app.transaction().execute(async (trx) => {
    await enterWorkspace(trx, workspace_id);
    await trx
      .insertInto('workspaces')
      .values({ id: workspace_id, kind: 'team', name: 'Test', slug: workspace_id })
      .execute();
    return openWallet(trx, { workspace_id, livemode: true });
  });
  const asked = { asked: { actor_kind: 'job' } } as const;
  const fresh = () => ({
    wallet_id: id,
    key: { namespace: 'test', key: randomBytes(8).toString('hex') },
  });
  return {
    id,
    workspace_id,
    grant: (credits, more) => aGrant(credits, { ...fresh(), ...more }),
    debit: (units, more) => aDebit(units, { ...fresh(), ...more }),
    hold: (units, more) => ({
      ...aDebit(units, fresh()),
      kind: 'hold',
      hold_id: newId(),
      ttl_seconds: 60,
      ...more,
    }),
    capture: (hold_id, units, more) => ({
      ...fresh(),
      ...asked,
      kind: 'capture',
      hold_id,
      quantity: units * ONE_UNIT,
      rule: aRule(),
      ...more,
    }),
    release: (hold_id) => ({ ...fresh(), ...asked, kind: 'release', hold_id }),
    extend: (hold_id, ttl_seconds) => ({
      ...fresh(),
      ...asked,
      kind: 'extend',
      hold_id,
      ttl_seconds,
    }),
    refund: (entry_seq, amount_micro) => ({
      ...fresh(),
      ...asked,
      kind: 'refund',
      entry_seq,
      ...(amount_micro === undefined ? {} : { amount_micro }),
    }),
    clawback: (lot, credits) => ({
      ...fresh(),
      ...asked,
      kind: 'clawback',
      lot,
      amount_micro: credits * CREDIT,
    }),
    reinstatement: (entry_seq) => ({ ...fresh(), ...asked, kind: 'reinstatement', entry_seq }),
    writeOff: (amount_micro) => ({
      ...fresh(),
      ...asked,
      kind: 'write_off',
      details: { reason: 'goodwill' },
      ...(amount_micro === undefined ? {} : { amount_micro }),
    }),
    transfer: (to, credits, more) => ({
      key: fresh().key,
      ...asked,
      kind: 'transfer',
      from_wallet_id: id,
      to_wallet_id: to.id,
      amount_micro: credits * CREDIT,
      ...more,
    }),
    adjustment: (credits) => ({
      ...fresh(),
      ...asked,
      kind: 'adjustment',
      amount_micro: credits * CREDIT,
      expires_at: null,
      details: { reason: 'goodwill' },
    }),
  };
}

/** A new wallet with one lot of so many credits. */
export async function fundedWallet(
  database: TestDatabase,
  ledger: Ledger,
  credits: bigint,
): Promise<TestWallet> {
  const wallet = await newWallet(database);
  await ledger.execute(wallet.grant(credits));
  return wallet;
}

/** What is stored of a wallet, in whole credits. */
export async function storedCredits(
  database: TestDatabase,
  wallet: TestWallet,
): Promise<Record<'available' | 'held' | 'debt', bigint>> {
  const [row] = await database.query<Record<'available' | 'held' | 'debt', string>>(
    'select available, held, debt from wallets where id = $1',
    [wallet.id],
  );
  const credits = (text = '0'): bigint => BigInt(text) / CREDIT;
  return { available: credits(row?.available), held: credits(row?.held), debt: credits(row?.debt) };
}
