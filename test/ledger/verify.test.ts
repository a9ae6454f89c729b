import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
let wallet: TestWallet;
beforeEach(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
  wallet = await newWallet(database);
  await ledger.execute(wallet.grant(10n));
  await ledger.execute(wallet.debit(1n));
  await ledger.execute(wallet.debit(2n));
});
afterEach(() => database.drop());

describe('Promise 1: the checker finds what does not add up', () => {
  test('nothing, when nobody has touched anything', async () => {
    expect(await verifyLedger(database.connections.staff)).toEqual([]);
  });

  test.each([
    ['an amount of a wallet', 'update wallets set available = available + 1', 'a wallet equals'],
    ['a debt from nowhere', 'update wallets set debt = 1', 'a wallet equals its last entry'],
    [
      'credits moved within a lot',
      'update lots set available = available + 1, consumed = consumed - 1',
      'a lot equals the fold of its legs',
    ],
    ['a missing entry', 'delete from entries where seq = 2', 'entries are numbered without a gap'],
    ['a missing last entry', 'delete from entries where seq = 3', 'a wallet equals its last entry'],
    [
      'an amount of an entry',
      `update entries set leg_amounts = '{1}' where seq = 2`,
      'the amounts after an entry follow',
    ],
    [
      'a time turned back',
      `update entries set at = '2020-01-01' where seq = 2`,
      'ledger time increases',
    ],
    ['a lot that is gone', 'delete from lots', 'a leg names a lot that exists'],
    [
      'a lot whose expiry nobody looks for',
      `update lots set expires_at = now() + interval '1 day'`,
      'a wallet looks when its next lot is due',
    ],
    ['credits held for nothing', 'update wallets set held = 1', 'held is the sum'],
  ])('%s', async (_name, tampering, rule) => {
    // The triggers would refuse it to the owner too; somebody with the disk in hand is not asked.
    await database.query(`set session_replication_role = replica; ${tampering}`);
    const violations = await verifyLedger(database.connections.staff);
    expect(violations.map((one) => one.rule)).toContainEqual(expect.stringContaining(rule));
    expect(violations[0]?.wallet_id).toBe(wallet.id);
  });
});
