import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLotsOf } from '../../src/ledger/balances.ts';
import { entryPage } from '../../src/ledger/entries.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { liveWalletOf, walletIdOf } from '../../src/ledger/wallets.ts';
import { type Database, type Db, readWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let mine: TestWallet;
let theirs: TestWallet;
beforeAll(async () => {
  database = await testDatabase();
  [mine, theirs] = [await newWallet(database), await newWallet(database)];
  const ledger = createLedger(database.connections.ledger);
  await ledger.execute(mine.grant(10n));
  await ledger.execute(theirs.grant(20n));
});
afterAll(() => database.drop());

const read = <Result>(who: TestWallet, work: (db: Db) => Promise<Result>) =>
  readWorkspace(database.connections.app, who.workspace_id, work);
const walletsOf = async (db: Kysely<Database>) =>
  (await db.selectFrom('wallets').select('id').where('livemode', '=', true).execute()).map(
    ({ id }) => id,
  );

describe('what is asked at once', () => {
  test('is of the workspace that was named, however often and beside whomever it is asked', async () => {
    const turns = Array.from({ length: 40 }, (_, turn) => (turn % 2 === 0 ? mine : theirs));
    const seen = await Promise.all(
      turns.map((who) =>
        read(who, (db) =>
          Promise.all([
            walletsOf(db),
            openLotsOf(db, who.id).then((lots) => lots.map((lot) => lot.available_micro)),
          ]),
        ),
      ),
    );
    expect(seen).toEqual(
      turns.map((who) => [[who.id], [who === mine ? 10_000_000n : 20_000_000n]]),
    );
    const prepared = await read(mine, (db) =>
      sql<{ name: string }>`select name from pg_prepared_statements`.execute(db),
    );
    expect(prepared.rows.map(({ name }) => name)).toContain('read_1');
  });

  test('shows nobody to who comes after on the same connection', async () => {
    await Promise.all(Array.from({ length: 10 }, () => read(mine, walletsOf)));
    const after = Array.from({ length: 10 }, () => walletsOf(database.connections.app));
    expect((await Promise.all(after)).flat()).toEqual([]);
  });

  test('shows nothing of a wallet to others, though it is known whose it is', async () => {
    const id = await read(theirs, (db) => liveWalletOf(db, theirs.workspace_id));
    expect(id).toBe(theirs.id);
    const [known, lots, { entries }] = await read(mine, (db) =>
      Promise.all([
        liveWalletOf(db, theirs.workspace_id),
        openLotsOf(db, id),
        entryPage(db, id, { limit: 5 }),
      ]),
    );
    expect([known, lots, entries]).toEqual([id, [], []]);
    await expect(read(mine, (db) => walletIdOf(db, theirs.workspace_id))).rejects.toThrow();
  });

  test('is of one moment, also when something is written meanwhile', async () => {
    const lots = await read(mine, async (db) => {
      const before = await openLotsOf(db, mine.id);
      await createLedger(database.connections.ledger).execute(mine.grant(1n));
      return [before, await openLotsOf(db, mine.id)];
    });
    expect(lots[0]).toHaveLength(1);
    expect(lots[1]).toEqual(lots[0]);
    expect(await read(mine, (db) => openLotsOf(db, mine.id))).toHaveLength(2);
  });

  test('cannot write, and fails together; the connection serves the next all the same', async () => {
    for (let turn = 0; turn < 15; turn++) {
      await expect(
        read(mine, (db) =>
          Promise.all([
            walletsOf(db),
            db.updateTable('workspaces').set({ name: 'Another' }).execute(),
            walletsOf(db),
          ]),
        ),
      ).rejects.toThrow(/read-only transaction/);
    }
    await expect(
      read(mine, async (db) => {
        await walletsOf(db);
        throw new Error('a bug');
      }),
    ).rejects.toThrow('a bug');
    expect(await read(mine, walletsOf)).toEqual([mine.id]);
  });
});
