import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ledger, createLedger } from '../../src/ledger/ledger.ts';
import { proveLedger } from '../../src/ledger/proof.ts';
import { exportSeal, lastSeal, sealClosedHours } from '../../src/ledger/seals.ts';
import { verifySeals } from '../../src/ledger/seals/check.ts';
import { SEALED_COLUMNS } from '../../src/ledger/seals/wallet-hours.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { ask } from '../program/databases.ts';
import { type TestDatabase, tamperWith, testDatabase } from '../support/database.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

const KEY = 'a key to seal with, long enough for it';
const OTHER_KEY = 'another key to seal with, as long as it';

let database: TestDatabase;
let ledger: Ledger;
let wallet: TestWallet;
let other: TestWallet;
let thisHour: Date;
/** Entries 1 to 3 of a wallet four hours ago, 4 and 5 three hours ago; one of another wallet in each. */
beforeEach(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
  [wallet, other] = [await newWallet(database), await newWallet(database)];
  for (const one of [wallet, other]) await ledger.execute(one.grant(10n));
  for (let entries = 2; entries <= 5; entries++) await ledger.execute(wallet.debit(1n));
  await ledger.execute(other.debit(2n));
  thisHour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  await recorded(4, `seq <= 3 and not (wallet_id = '${other.id}' and seq = 2)`);
  await recorded(3, `seq > 3 or wallet_id = '${other.id}' and seq = 2`);
});
afterEach(() => database.drop());

const tamper = (statements: string) => tamperWith(database, statements);
/** Puts entries into an hour that is over, in their order. */
const recorded = (hoursAgo: number, which: string) =>
  tamper(`update entries set recorded_at = '${thisHour.toISOString()}'::timestamptz
    - interval '${hoursAgo} hours' + seq * interval '1 second' where ${which}`);
const seal = (key = KEY, hoursMax?: number) =>
  sealClosedHours(database.connections.ledgerJobs, key, hoursMax);
const check = (keys = [KEY], exported?: string) =>
  verifySeals(database.connections.staff, keys, exported);
const chain = () =>
  database.query<{ number: string; entry_count: string }>(
    'select number, entry_count from hour_seals order by number',
  );

/** What was found of the wallet that was tampered with. */
async function found(): Promise<string[]> {
  const violations = await check();
  for (const one of violations) expect([wallet.id, null]).toContain(one.wallet_id);
  return violations.map((one) => one.detail);
}

describe('sealing', () => {
  test('closes each hour once, in their order and without a gap, with the entries of each', async () => {
    expect(await seal()).toBeGreaterThanOrEqual(2);
    expect(await seal()).toBe(0);
    const hours = await chain();
    expect(hours.slice(0, 2)).toMatchObject([
      { number: '1', entry_count: '4' },
      { number: '2', entry_count: '3' },
    ]);
    expect(await check()).toEqual([]);
  });

  test('does what several workers ask for at once, once', async () => {
    await Promise.all([seal(), seal(), seal(), seal()]);
    await seal();
    expect(await check()).toEqual([]);
  });

  test('does so much at a time, and goes on where it was', async () => {
    expect([await seal(KEY, 1), await seal(KEY, 1)]).toEqual([1, 1]);
    expect((await chain()).map((one) => one.number)).toEqual(['1', '2']);
    expect(await check()).toEqual([]);
  });

  test('seals nothing where nothing was written', async () => {
    const empty = await testDatabase();
    expect(await sealClosedHours(empty.connections.ledgerJobs, KEY)).toBe(0);
    await empty.drop();
  });

  test('leaves an hour open while somebody has still to commit an entry of it', async () => {
    // It commits when the sealing waits, which is what makes it late.
    const late = ask(
      database.url,
      `set session_replication_role = replica;
       begin;
       insert into entries select (jsonb_populate_record(e, jsonb_build_object('seq', 3,
         'key', 'late', 'key_hash', gen_random_uuid()))).* from entries e
         where wallet_id = '${other.id}' and seq = 2;
       do $$ begin
         loop
           perform pg_stat_clear_snapshot(), pg_sleep(0.01);
           exit when exists (select from pg_stat_activity where datname = current_database()
             and application_name = 'scrip-ledger' and query like '%pg_snapshot_xmin%');
         end loop;
       end $$;
       commit`,
    );
    await expect
      .poll(() =>
        database.query(
          `select from pg_stat_activity where backend_xid is not null and datname = current_database()`,
        ),
      )
      .not.toEqual([]);
    await Promise.all([late, seal()]);
    expect((await chain())[1]).toMatchObject({ entry_count: '4' });
    expect(await check()).toEqual([]);
  });

  test('takes in every column of an entry', async () => {
    const columns = await database.query<{ column_name: string }>(
      `select column_name from information_schema.columns where table_name = 'entries'`,
    );
    const names = columns.map((one) => one.column_name);
    expect(new Set(SEALED_COLUMNS)).toEqual(new Set(names));
    expect(SEALED_COLUMNS).toHaveLength(names.length);
  });
});

describe('attack 63: what is changed in a sealed hour is found, and named by wallet and hour', () => {
  test('an amount, with every lot, wallet and later entry corrected', async () => {
    await seal();
    await tamper(`
      update entries set amount = amount - 1000, leg_amounts = array[999000]
        where wallet_id = '${wallet.id}' and seq = 2;
      update entries set available_after = available_after + 1000
        where wallet_id = '${wallet.id}' and seq >= 2;
      update lots set available = available + 1000, consumed = consumed - 1000
        where wallet_id = '${wallet.id}';
      update wallets set available = available + 1000 where id = '${wallet.id}'`);
    expect(await verifyLedger(database.connections.staff)).toEqual([]);
    expect(await found()).toEqual([
      expect.stringMatching(
        /^hour .*:00:00.000Z: one of entries 1 to 3 was changed; amounts of 11999000 where 12000000/,
      ),
      expect.stringContaining('one of entries 4 to 5 was changed'),
    ]);
    expect(await proveLedger(database.connections, [KEY])).toHaveLength(2);
  });

  test('a last entry that is gone, with its lot and wallet corrected', async () => {
    await seal();
    await tamper(`
      delete from entries where wallet_id = '${wallet.id}' and seq = 5;
      update lots set available = available + 1000000, consumed = consumed - 1000000
        where wallet_id = '${wallet.id}';
      update wallets w set available = w.available + 1000000, last_seq = 4, last_at = e.at
        from entries e where e.wallet_id = w.id and e.seq = 4 and w.id = '${wallet.id}'`);
    expect(await verifyLedger(database.connections.staff)).toEqual([]);
    expect(await found()).toEqual([expect.stringContaining(': entry 5 is missing; 1 where 2')]);
  });

  test('an entry that was added to an hour of the wallet', async () => {
    await seal();
    await ledger.execute(wallet.debit(1n));
    await recorded(3, `wallet_id = '${wallet.id}' and seq = 6`);
    expect(await verifyLedger(database.connections.staff)).toEqual([]);
    expect(await found()).toEqual([expect.stringContaining(': entry 6 was added; 3 where 2')]);
  });

  test('an entry that was added to an hour without any, and one before the first', async () => {
    await recorded(6, `wallet_id = '${other.id}' and seq = 1`);
    await seal();
    for (const hoursAgo of [5, 20]) {
      const [row] = await database.query<{ last_seq: string }>(
        'select last_seq from wallets where id = $1',
        [wallet.id],
      );
      await ledger.execute(wallet.debit(1n));
      const seq = Number(row?.last_seq) + 1;
      await recorded(hoursAgo, `wallet_id = '${wallet.id}' and seq = ${seq}`);
    }
    expect(await found()).toEqual([
      'entry 7',
      expect.stringContaining('entry 6: added, in an hour that was sealed without any'),
    ]);
  });

  test('all entries of an hour that are gone', async () => {
    await seal();
    await tamper(`delete from entries where wallet_id = '${wallet.id}' and seq in (4, 5)`);
    expect(await found()).toEqual([expect.stringContaining('entries 4 to 5: missing')]);
  });

  test.each([
    ['operation', `'other'`],
    ['actor_id', 'gen_random_uuid()'],
    ['at', `at + interval '1 microsecond'`],
    ['lines', `lines || '{}'`],
    ['on_behalf_of', `''`],
  ])('the %s of an entry, of which no sum tells', async (column, value) => {
    await seal();
    await tamper(
      `update entries set ${column} = ${value} where wallet_id = '${wallet.id}' and seq = 2`,
    );
    expect(await found()).toEqual([expect.stringMatching(/: one of entries 1 to 3 was changed$/)]);
  });
});

describe('the chain of seals', () => {
  test.each([
    [
      'a seal of a wallet',
      `update wallet_seals set hash = '\\x00' where first_seq = 4`,
      'seal of an',
    ],
    ['figures of a seal', `update wallet_seals set amount = 5 where first_seq = 4`, 'it had when'],
    [
      'a seal of a wallet that is gone',
      `delete from wallet_seals where first_seq = 4`,
      'seal of an',
    ],
    [
      'a seal of an hour',
      `update hour_seals set hash = '\\x00' where number = 1`,
      'seal of an hour',
    ],
    ['an hour that is gone', `delete from hour_seals where number = 1`, 'without a gap'],
    [
      'an hour that was moved',
      `update hour_seals set number = 0 where number = 1`,
      'without a gap',
    ],
  ])('shows %s', async (_name, tampering, rule) => {
    await seal();
    await tamper(tampering);
    const rules = (await check()).map((one) => one.rule);
    expect(rules).toContainEqual(expect.stringContaining(rule));
  });

  test('has every seal that was exported, and none that was made again over other entries', async () => {
    await seal();
    const last = await lastSeal(database.connections.staff);
    if (last === undefined) throw new Error('nothing was sealed');
    const exported = exportSeal(last);
    expect(await check([KEY], exported)).toEqual([]);
    await tamper('delete from wallet_seals; delete from hour_seals');
    await seal();
    expect(await check([KEY], exported)).toEqual([]);
    await tamper(`delete from wallet_seals; delete from hour_seals;
      update entries set operation = 'other' where wallet_id = '${wallet.id}' and seq = 2`);
    await seal();
    expect(await check()).toEqual([]);
    expect(await check([KEY], exported)).toMatchObject([
      { rule: 'the chain has the exported seal', detail: `seal ${last.number}` },
    ]);
    await expect(check([KEY], 'scrip-seal:1')).rejects.toThrow('is not a seal');
  });

  test('goes on with a new key, and needs both to be checked', async () => {
    await seal(KEY, 1);
    await seal(OTHER_KEY);
    expect(await check([OTHER_KEY, KEY])).toEqual([]);
    expect(await check([OTHER_KEY])).toMatchObject([
      { rule: 'an hour is sealed with a key that SEAL_KEY names', wallet_id: null },
    ]);
  });

  test('is read by nobody but the ledger and staff, and changed by nobody', async () => {
    await seal();
    const { app, ledger: pool } = database.connections;
    for (const table of ['wallet_seals', 'hour_seals']) {
      await expect(app.selectFrom('hour_seals').selectAll().execute()).rejects.toThrow(
        /permission/,
      );
      for (const change of [
        `delete from ${table}`,
        `update ${table} set hash = ''`,
        `truncate ${table}`,
      ]) {
        await expect(pool.query(change)).rejects.toThrow(/permission denied/);
        await expect(database.query(change)).rejects.toThrow(/never changed or deleted/);
      }
    }
  });
});
