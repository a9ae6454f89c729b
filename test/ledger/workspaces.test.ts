import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, createLedger, withinWorkspaces } from '../../src/ledger/ledger.ts';
import { audit } from '../../src/lib/audit.ts';
import { type Trx, inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { type TestWallet, fundedWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const both = async (): Promise<[TestWallet, TestWallet]> => [
  await fundedWallet(database, ledger, 5n),
  await fundedWallet(database, ledger, 5n),
];
const of = <Result>({ workspace_id }: TestWallet, work: (trx: Trx) => Promise<Result>) =>
  inWorkspace(database.connections.app, workspace_id, work);

async function eventsOf({ workspace_id }: TestWallet): Promise<number> {
  const sql = 'select from audit_events where workspace_id = $1';
  return (await database.query(sql, [workspace_id])).length;
}

/** Rewards two and notes it, as one. */
async function refer(trx: Trx, friend: TestWallet, guest: TestWallet): Promise<void> {
  await withinWorkspaces(trx, [friend.id, guest.id], async (wallets) => {
    for (const wallet of [friend, guest]) {
      expect(await wallets.run(wallet.grant(2n, { source: 'reward' }))).toMatchObject({
        outcome: 'done',
      });
    }
  });
  const { workspace_id } = friend;
  const subject = { kind: 'workspace', id: guest.workspace_id };
  await audit(trx, { workspace_id, actor: { kind: 'system' }, action: 'guest.referred', subject });
}

describe('a transaction of one workspace with wallets of two', () => {
  test('rewards both and writes its own rows, or does nothing of it', async () => {
    const [friend, guest] = await both();
    await of(friend, (trx) => refer(trx, friend, guest));
    const undone = of(friend, async (trx) => {
      await refer(trx, friend, guest);
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    for (const wallet of [friend, guest]) {
      expect(await storedCredits(database, wallet)).toMatchObject({ available: 7n });
    }
    expect(await eventsOf(friend)).toBe(1);
  });

  test('transfers, and sees and writes nothing of the other by itself', async () => {
    const [from, to] = await both();
    const seen = await of(from, async (trx) => {
      await withinWorkspaces(trx, [from.id, to.id], (wallets) =>
        wallets.run(from.transfer(to, 2n)),
      );
      return trx.selectFrom('wallets').select('id').execute();
    });
    expect(seen).toEqual([{ id: from.id }]);
    expect(await storedCredits(database, to)).toMatchObject({ available: 7n });
    const written = of(from, async (trx) => {
      await withinWorkspaces(trx, [to.id], (wallets) => wallets.run(to.grant(1n)));
      const { workspace_id } = to;
      const subject = { kind: 'workspace', id: workspace_id };
      await audit(trx, { workspace_id, actor: { kind: 'system' }, action: 'no.right', subject });
    });
    await expect(written).rejects.toThrow(/row-level security/);
    expect(await storedCredits(database, to)).toMatchObject({ available: 7n });
  });

  test('waits in no ring with one that names them the other way round', async () => {
    const [one, other] = await both();
    const rounds = Array.from({ length: 10 }, () => [
      of(one, (trx) => refer(trx, one, other)),
      of(other, (trx) => refer(trx, other, one)),
    ]);
    await Promise.all(rounds.flat());
    expect(await storedCredits(database, one)).toMatchObject({ available: 45n });
    expect(await storedCredits(database, other)).toMatchObject({ available: 45n });
  });
});
