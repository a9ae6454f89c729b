import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../src/ledger/ledger.ts';
import { rollUp, rollUpTo } from '../../src/ledger/rollups.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, tamperWith, testDatabase } from '../support/database.ts';
import { BEGINNING, MINUTE, walletWith } from '../support/rollup-model.ts';
import type { TestWallet } from '../support/wallets.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const staff = () => database.connections.staff;
const ledgerJobs = () => database.connections.ledgerJobs;
const rolledUp = (wallet: TestWallet) =>
  database.query('select * from entry_rollups where wallet_id = $1 order by 3, 4, 5, 6', [
    wallet.id,
  ]);

describe('the job that rolls up', () => {
  let wallet: TestWallet;
  beforeEach(async () => {
    await database.query(`update ledger_progress set done_until = null where task = 'rollups'`);
    wallet = await walletWith(database, [{ wait: 1, kind: 'debit', units: 1, ago: null }]);
  });
  /** When entries were written, which no command can say. */
  const recorded = (hoursAgo: number, seq: bigint) =>
    tamperWith(
      database,
      `update entries set recorded_at = now() - interval '${hoursAgo} hours'
       where wallet_id = '${wallet.id}' and seq = ${seq}`,
    );
  const progress = async () => {
    const rows = await database.query<{ last_seq: string }>(
      'select last_seq from rollup_progress where wallet_id = $1',
      [wallet.id],
    );
    return rows.map((row) => row.last_seq);
  };
  const debitAt = (minutes: bigint) =>
    inWorkspace(database.connections.app, wallet.workspace_id, (trx) =>
      within(trx, [wallet.id], (wallets) =>
        wallets.run(wallet.debit(1n), BEGINNING + minutes * MINUTE),
      ),
    );

  test('rolls up everything at first, then what was recorded in closed quarter hours', async () => {
    await rollUp(ledgerJobs());
    expect(await progress()).toEqual(['2']);
    await database.query(
      `update ledger_progress set done_until = now() - interval '3 hours' where task = 'rollups'`,
    );
    await debitAt(50n);
    await rollUp(ledgerJobs());
    expect(await progress()).toEqual(['2']);
    await recorded(2, 3n);
    await database.query(
      `update ledger_progress set done_until = now() - interval '3 hours' where task = 'rollups'`,
    );
    await rollUp(ledgerJobs());
    expect(await progress()).toEqual(['3']);
  });

  test('puts an import into the quarter hour that it says, though that was rolled up', async () => {
    await rollUp(ledgerJobs());
    const before = await rolledUp(wallet);
    await debitAt(3n);
    await recorded(2, 3n);
    await database.query(
      `update ledger_progress set done_until = now() - interval '3 hours' where task = 'rollups'`,
    );
    await Promise.all([rollUp(ledgerJobs()), rollUp(ledgerJobs())]);
    const after = await rolledUp(wallet);
    expect(after).toHaveLength(before.length);
    expect(after.find(({ kind }) => kind === 'debit')).toMatchObject({ entry_count: '2' });
    expect(await verifyLedger(staff(), [wallet.id])).toEqual([]);
  });
});

describe('Promise 1: the checker finds rollups that are not those of their entries', () => {
  let wallet: TestWallet;
  beforeEach(async () => {
    wallet = await walletWith(database, [
      { wait: 1, kind: 'debit', units: 1, ago: null },
      { wait: 30, kind: 'debit', units: 2, ago: 20 },
    ]);
    await rollUpTo(ledgerJobs(), [{ wallet_id: wallet.id, upto_seq: 3n }]);
    expect(await verifyLedger(staff(), [wallet.id])).toEqual([]);
  });

  const FOLD = 'what is rolled up of a quarter hour is the fold of its entries';
  const SPAN = 'rollups are of the entries of a wallet, and of its workspace';
  test.each([
    ['an amount', 'update entry_rollups set amount = amount + 1', [FOLD, FOLD, FOLD]],
    ['a row that is gone', 'delete from entry_rollups', [FOLD, FOLD, FOLD]],
    ['a quantity', `update entry_rollups set quantity = 1 where kind = 'grant'`, [FOLD]],
    ['entries that are not in it', 'update rollup_progress set last_seq = 2', [FOLD]],
    ['entries that are not there', 'update rollup_progress set last_seq = 4', [SPAN]],
    ['another workspace', 'update entry_rollups set workspace_id = gen_random_uuid()', [SPAN]],
  ])('%s', async (_name, statement, rules) => {
    const condition = `${/\bwhere\b/.test(statement) ? 'and' : 'where'} wallet_id = '${wallet.id}'`;
    await database.query(`${statement} ${condition}`);
    const violations = await verifyLedger(staff());
    expect(violations.map(({ rule }) => rule)).toEqual(rules);
    for (const one of violations) expect(one.wallet_id).toBe(wallet.id);
    await database.query('delete from entry_rollups where wallet_id = $1', [wallet.id]);
    await database.query('delete from rollup_progress where wallet_id = $1', [wallet.id]);
  });
});
