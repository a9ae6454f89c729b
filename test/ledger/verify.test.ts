import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { newId } from '../../src/lib/ids.ts';
import { type TestDatabase, tamperWith, testDatabase } from '../support/database.ts';
import { type TestWallet, fundedWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
let wallet: TestWallet;
/** Entries 1 to 6: a grant, two debits, a hold, its capture in part, a refund of the second debit. */
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => database.drop());
beforeEach(async () => {
  wallet = await newWallet(database);
  await ledger.execute(wallet.grant(10n));
  await ledger.execute(wallet.debit(1n));
  await ledger.execute(wallet.debit(2n));
  const hold_id = newId();
  await ledger.execute(wallet.hold(4n, { hold_id }));
  await ledger.execute(wallet.capture(hold_id, 1n, { more_to_follow: true }));
  await ledger.execute(wallet.refund(3n, 500_000n));
});

async function tamper(statements: string, { id } = wallet): Promise<void> {
  const ofWallet = statements.split(';').map((statement) => {
    const column = /\bwallets\b/.test(statement) ? 'id' : 'wallet_id';
    return `${statement} ${/\bwhere\b/.test(statement) ? 'and' : 'where'} ${column} = '${id}'`;
  });
  await tamperWith(database, ofWallet.join(';'));
}
const verify = (walletIds?: string[]) => verifyLedger(database.connections.staff, walletIds);

/** A payment of one credit, and the lot that it should have bought. */
const PAYMENT = `
  insert into payments (id, workspace_id, wallet_id, order_key, type, status, provider, livemode,
    subtotal_minor, total_minor, currency, catalogue, completed_at)
  select gen_random_uuid(), workspace_id, id, 'key', 'credit_purchase',
    'completed', 'simulated', false, 100, 100, 'USD',
    '{"credits_micro": "1000000", "bonus_micro": "0"}', now()
  from wallets`;

describe('Promise 1: the checker finds what does not add up', () => {
  test('nothing, when nobody has touched anything', async () => {
    expect(await verify([wallet.id])).toEqual([]);
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
    ['a missing last entry', 'delete from entries where seq = 6', 'a wallet equals its last entry'],
    [
      'an entry too many',
      'update wallets set last_seq = last_seq - 1',
      'no entry is beyond the last',
    ],
    [
      'an amount of an entry',
      `update entries set leg_amounts = '{1}' where seq = 2`,
      'the amounts after an entry follow',
    ],
    [
      'an amount that its legs do not come to',
      'update entries set amount = amount + 1 where seq = 3',
      "an entry's legs come to its amount",
    ],
    ['a kind that does not fit', `update entries set kind = 'grant' where seq = 2`, 'as its kind'],
    [
      'a leg of no lot that is no debt',
      `update entries set leg_lots = '{0}' where seq = 2`,
      'a leg is of a lot, or of the debt',
    ],
    [
      'two legs that cancel each other out',
      `update entries set leg_lots = '{1,1,1}', leg_from = '{a,a,a}', leg_to = '{c,c,c}',
        leg_amounts = '{1000000,-5,5}' where seq = 2`,
      'a leg moves more than nothing',
    ],
    [
      'another key',
      `update entries set key = 'other' where seq = 2`,
      'key hash is that of its key',
    ],
    [
      'an entry that follows from a later one',
      'update entries set parent_seq = 5 where seq = 2',
      'an entry follows from an earlier one',
    ],
    [
      'a time turned back',
      `update entries set at = '2020-01-01' where seq = 2`,
      'ledger time increases',
    ],
    [
      "an entry in somebody else's workspace",
      'update entries set workspace_id = gen_random_uuid() where seq = 2',
      'an entry is of a wallet, in its workspace',
    ],
    ['a wallet that is gone', 'delete from wallets', 'an entry is of a wallet, in its workspace'],
    ['a lot that is gone', 'delete from lots', 'a leg names a lot that exists'],
    ['a lot without an origin', 'update lots set entry_seq = 2', 'a lot was made by its entry'],
    [
      'a lot whose expiry nobody looks for',
      `update lots set expires_at = now() + interval '1 second'`,
      'a wallet looks when its next lot is due',
    ],
    [
      'a hold whose deadline nobody looks for',
      'update wallets set next_due_at = null',
      'a wallet looks when its next hold is due',
    ],
    ['credits held for nothing', 'update wallets set held = held + 1', 'a wallet equals the sum'],
    ['a hold that is gone', 'delete from holds', 'an entry that holds has its hold'],
    ['a hold of more', 'update holds set amount = amount + 1', 'a hold was made by its entry'],
    [
      'a hold that is closed too early',
      'update holds set open = false',
      'a hold is open while something is left',
    ],
    [
      'a capture taken back from the hold',
      'update holds set captured = 0; update hold_lots set captured = 0',
      'what became of a hold is in its captures and releases',
    ],
    [
      'a hold that pinned another lot',
      'update hold_lots set lot_number = 2',
      'what a hold has pinned of a lot is in its entry',
    ],
    [
      'lots of a hold that do not come to it',
      'update hold_lots set amount = amount + 1',
      'a hold is the sum of its lots',
    ],
    [
      'a refund that is forgotten',
      'delete from refund_totals',
      'what was given back of a charge is the sum of its refunds',
    ],
    [
      'a charge that could be refunded further',
      'update refund_totals set taken = taken + 1',
      'a charge took what its refunds say',
    ],
    ['a payment that bought nothing', PAYMENT, 'a paid payment has granted once what was sold'],
    [
      'a lot of a payment that was never paid',
      `update lots set payment_id = gen_random_uuid()`,
      'a lot of a payment is of one that was paid',
    ],
  ])('%s', async (_name, tampering, rule) => {
    await tamper(tampering);
    const violations = await verify([wallet.id]);
    expect(violations.map((one) => one.rule)).toContainEqual(expect.stringContaining(rule));
    expect(violations[0]?.wallet_id).toBe(wallet.id);
  });

  describe('of a wallet with a clawback of its lot, reinstated, another one, and a transfer', () => {
    let other: TestWallet;
    beforeEach(async () => {
      other = await newWallet(database);
      const clawback = await ledger.execute(wallet.clawback(1, 2n));
      if (clawback.outcome === 'refused') throw new Error('refused');
      await ledger.execute(wallet.reinstatement(clawback.seq));
      await ledger.execute(wallet.clawback(1, 1n));
      expect((await ledger.execute(wallet.transfer(other, 1n))).outcome).toBe('done');
    });

    test.each([
      ['a reinstatement that is forgotten', 'seq = 7', 'what was given back of a clawback'],
      ['a clawback that is forgotten', 'seq = 1', 'what was taken back of a lot'],
    ])('%s', async (_name, which, rule) => {
      expect(await verify([wallet.id, other.id])).toEqual([]);
      const where = which.replace('seq', 'entry_seq');
      await tamper(`update refund_totals set refunded = refunded - 1 where ${where}`);
      expect((await verify([wallet.id])).map((one) => one.rule)).toEqual([
        expect.stringContaining(rule),
      ]);
    });

    test('a transfer that did not arrive, seen from either side', async () => {
      await tamper('update entries set key_hash = gen_random_uuid()', other);
      for (const one of [wallet, other]) {
        const rules = (await verify([one.id])).map(({ rule }) => rule);
        expect(rules).toContain('a transfer is in both of its wallets');
      }
    });
  });

  test('of the wallets that are named only', async () => {
    const other = await fundedWallet(database, ledger, 1n);
    for (const one of [wallet, other]) await tamper('update wallets set debt = 1', one);
    const found = await verify([other.id]);
    expect(new Set(found.map((one) => one.wallet_id))).toEqual(new Set([other.id]));
  });

  test('attack 63: a hand-made imbalance is found among all wallets', async () => {
    const clean = await testDatabase();
    const own = createLedger(clean.connections.ledger);
    const wallets = await Promise.all([1, 2, 3].map(() => fundedWallet(clean, own, 1n)));
    expect(await verifyLedger(clean.connections.staff)).toEqual([]);
    const [, tampered] = wallets;
    await clean.query('update wallets set available = available - 1 where id = $1', [tampered?.id]);
    const found = await verifyLedger(clean.connections.staff);
    expect(new Set(found.map((one) => one.wallet_id))).toEqual(new Set([tampered?.id]));
    await clean.drop();
  });
});
