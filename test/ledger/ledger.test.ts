import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instantOf } from '../../src/core/instant.ts';
import { balanceOf } from '../../src/ledger/balances.ts';
import { type Ledger, createLedger, within } from '../../src/ledger/ledger.ts';
import { connect, inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT, aRule } from '../support/wallet-states.ts';
import { newWallet } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const available = async (workspaceId: string): Promise<bigint> => {
  const balance = await balanceOf(database.connections.staff, workspaceId);
  return balance?.available_micro ?? -1n;
};

describe('Promise 3: no concurrency spends a credit twice', () => {
  test('fifty debits of ten at once on a hundred credits, from three processes: ten go through', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(100n));
    const processes = await Promise.all(
      [1, 2, 3].map(() => connect({ url: database.url, poolMax: 6, onError: () => undefined })),
    );
    const ledgers = processes.map((one) => createLedger(one.ledger));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (ledgers[index % 3] ?? ledger).execute(wallet.debit(10n)),
      ),
    );
    expect(outcomes.filter((one) => one.outcome === 'done')).toHaveLength(10);
    expect(outcomes.filter((one) => one.outcome === 'refused')).toHaveLength(40);
    expect(await available(wallet.workspace_id)).toBe(0n);
    await Promise.all(processes.map((one) => one.close()));
  });

  test('two debits racing for everything: exactly one', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(5n));
    const outcomes = await Promise.all([
      ledger.execute(wallet.debit(5n)),
      ledger.execute(wallet.debit(5n)),
    ]);
    expect(outcomes.map((one) => one.outcome).sort()).toEqual(['done', 'refused']);
  });

  test('grants and debits mixed on one wallet leave it equal to what went through', async () => {
    const wallet = await newWallet(database);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        ledger.execute(index % 3 === 0 ? wallet.grant(4n) : wallet.debit(3n)),
      ),
    );
    const debits = outcomes.filter((one, index) => index % 3 !== 0 && one.outcome === 'done');
    expect(await available(wallet.workspace_id)).toBe(
      (20n * 4n - BigInt(debits.length) * 3n) * CREDIT,
    );
  });
});

describe('Promise 4: a key makes a command happen once', () => {
  test('twenty at once with one key are one entry, and each gets the same answer', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(10n));
    const debit = wallet.debit(1n);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => ledger.execute(debit)));
    expect(new Set(outcomes.map((one) => (one.outcome === 'done' ? one.seq : 0n)))).toEqual(
      new Set([2n]),
    );
    expect(outcomes.filter((one) => one.outcome === 'done' && !one.replayed)).toHaveLength(1);
    expect(await available(wallet.workspace_id)).toBe(9n * CREDIT);
  });

  test('the first answer comes again, also when the balance has changed since', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(10n));
    const debit = wallet.debit(1n);
    const first = await ledger.execute(debit);
    await ledger.execute(wallet.debit(2n));
    expect(await ledger.execute(debit)).toEqual({ ...first, replayed: true });
  });

  test('the same key with other content is refused, whatever the price has become', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(10n));
    const debit = wallet.debit(1n);
    await ledger.execute(debit);
    const dearer = { ...debit, rule: { ...aRule(), version: 2, id: 'dearer' } };
    expect(await ledger.execute(dearer)).toMatchObject({ outcome: 'done', replayed: true });
    expect(await ledger.execute({ ...debit, quantity: 2_000_000n })).toEqual({
      outcome: 'refused',
      refusal: { code: 'key_reused' },
    });
  });

  test('a key is answered though its operation is not on sale any more, and a new one is refused', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(5n));
    for (const command of [wallet.debit(1n), wallet.hold(1n)]) {
      const first = await ledger.execute(command);
      const gone = { ...command, rule: undefined };
      expect(await ledger.execute(gone)).toMatchObject({ ...first, replayed: true });
      const key = { namespace: 'test', key: `another ${command.kind}` };
      expect(await ledger.execute({ ...gone, key })).toEqual({
        outcome: 'refused',
        refusal: { code: 'operation_unknown', operation: 'work' },
      });
    }
  });

  test('namespaces and wallets keep the same key apart', async () => {
    const [one, other] = [await newWallet(database), await newWallet(database)];
    await ledger.execute(one.grant(10n));
    await ledger.execute(other.grant(10n));
    const key = { namespace: 'web', key: 'same' };
    for (const debit of [
      one.debit(1n, { key }),
      one.debit(1n, { key: { ...key, namespace: 'api' } }),
      other.debit(1n, { key }),
    ]) {
      expect(await ledger.execute(debit)).toMatchObject({ replayed: false });
    }
  });

  test('a refusal for too few credits writes nothing and leaves the key unused', async () => {
    const wallet = await newWallet(database);
    const debit = wallet.debit(1n);
    expect(await ledger.execute(debit)).toMatchObject({ outcome: 'refused' });
    const rows = await database.query('select 1 from entries where wallet_id = $1', [wallet.id]);
    expect(rows).toHaveLength(0);
    await ledger.execute(wallet.grant(1n));
    expect(await ledger.execute(debit)).toMatchObject({ outcome: 'done', replayed: false });
  });
});

describe('Promise 5: an expired lot is not spendable, whether or not a job has run', () => {
  test('what is due is neither reported nor spent before the sweeper came', async () => {
    const wallet = await newWallet(database);
    const past = instantOf(new Date(Date.now() - 60_000));
    await ledger.execute(wallet.grant(5n, { expires_at: past + 1_000_000n }), past);
    await ledger.execute(wallet.grant(2n));
    // The second grant has written the expiry already; this lot expires behind the program's back.
    expect(await available(wallet.workspace_id)).toBe(2n * CREDIT);
    await database.query(
      `update lots set expires_at = now() - interval '1 second' where wallet_id = $1 and number = 2`,
      [wallet.id],
    );
    await database.query(
      `update wallets set next_due_at = now() - interval '1 minute' where id = $1`,
      [wallet.id],
    );
    expect(await available(wallet.workspace_id)).toBe(0n);
    expect(await ledger.execute(wallet.debit(1n))).toMatchObject({
      refusal: { code: 'insufficient_credits', available: 0n },
    });
  });

  test('three sweepers at once expire each lot once', async () => {
    const wallet = await newWallet(database);
    const past = instantOf(new Date(Date.now() - 60_000));
    await ledger.execute(wallet.grant(5n, { expires_at: past + 1_000_000n }), past);
    await Promise.all(
      [1, 2, 3].map(() => ledger.execute({ kind: 'expire', wallet_id: wallet.id })),
    );
    const kinds = await database.query<{ kind: string }>(
      'select kind from entries where wallet_id = $1 order by seq',
      [wallet.id],
    );
    expect(kinds.map((row) => row.kind)).toEqual(['grant', 'expiry']);
  });
});

describe('within', () => {
  test('commands of one transaction see each other, and are undone together', async () => {
    const wallet = await newWallet(database);
    const { app } = database.connections;
    await expect(
      inWorkspace(app, wallet.workspace_id, (trx) =>
        within(trx, [wallet.id], async (wallets) => {
          await wallets.run(wallet.grant(5n));
          expect(await wallets.run(wallet.debit(5n))).toMatchObject({ outcome: 'done' });
          expect(await wallets.run(wallet.debit(1n))).toMatchObject({ outcome: 'refused' });
          throw new Error('changed my mind');
        }),
      ),
    ).rejects.toThrow('changed my mind');
    expect(await available(wallet.workspace_id)).toBe(0n);
  });

  test('a wallet outside the list throws', async () => {
    const [one, other] = [await newWallet(database), await newWallet(database)];
    const work = inWorkspace(database.connections.app, one.workspace_id, (trx) =>
      within(trx, [one.id], (wallets) => wallets.run(other.grant(1n))),
    );
    await expect(work).rejects.toThrow('was not locked');
  });

  test("another workspace's wallet cannot be locked, since it is not seen", async () => {
    const [one, other] = [await newWallet(database), await newWallet(database)];
    const work = inWorkspace(database.connections.app, one.workspace_id, (trx) =>
      within(trx, [other.id], (wallets) => wallets.run(other.grant(1n))),
    );
    await expect(work).rejects.toThrow('does not exist');
  });
});

test('a time of one’s own lies after the last entry and not in the future', async () => {
  const wallet = await newWallet(database);
  const now = instantOf(new Date());
  await ledger.execute(wallet.grant(1n), now - 60_000_000n);
  for (const at of [now - 120_000_000n, now + 120_000_000n]) {
    expect(await ledger.execute(wallet.grant(1n), at)).toMatchObject({
      refusal: { code: 'time_out_of_order' },
    });
  }
});
