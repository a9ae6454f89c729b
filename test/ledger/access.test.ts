import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type TestWallet, newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let mine: TestWallet;
let theirs: TestWallet;
beforeAll(async () => {
  database = await testDatabase();
  [mine, theirs] = [await newWallet(database), await newWallet(database)];
});
afterAll(() => database.drop());

describe('Promise 2: entries and audit events are never changed', () => {
  test.each([
    ['update', `update entries set amount = 0`],
    ['delete', `delete from entries`],
    ['truncate', `truncate entries`],
    ['update of the audit', `update audit_events set action = ''`],
    ['delete of the audit', `delete from audit_events`],
  ])(
    'attack 63: not by the program, not by the ledger, not by the owner: %s',
    async (_name, statement) => {
      const { app, ledger } = database.connections;
      await expect(
        inWorkspace(app, mine.workspace_id, (trx) => sql.raw(statement).execute(trx)),
      ).rejects.toThrow(/permission denied/);
      await expect(ledger.query(statement)).rejects.toThrow(/permission denied/);
      await expect(database.query(statement)).rejects.toThrow(/never changed or deleted/);
    },
  );
});

describe('L13 row-level security', () => {
  test("a row of the own workspace cannot name somebody else's wallet", async () => {
    const write = inWorkspace(database.connections.app, mine.workspace_id, (trx) =>
      trx
        .insertInto('budgets')
        .values({
          wallet_id: theirs.id,
          id: theirs.id,
          workspace_id: mine.workspace_id,
          subject: 'wallet',
          period: 'day',
          limit_amount: 0n,
          hard: true,
        })
        .execute(),
    );
    await expect(write).rejects.toThrow(/row-level security/);
  });

  test('the staff role reads everything, without password hashes, secrets and sessions, and writes nothing', async () => {
    const { staff } = database.connections;
    const seen = await sql`select 1 from wallets`.execute(staff);
    expect(seen.rows.length).toBeGreaterThanOrEqual(2);
    await expect(sql`select password_hash from people`.execute(staff)).rejects.toThrow(
      /permission/,
    );
    await expect(sql`select secret from webhook_endpoints`.execute(staff)).rejects.toThrow(
      /permission/,
    );
    await expect(sql`select 1 from sessions`.execute(staff)).rejects.toThrow(/permission/);
    await expect(sql`update wallets set available = 0`.execute(staff)).rejects.toThrow(
      /permission/,
    );
  });
});
