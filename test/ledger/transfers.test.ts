import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, type Outcome, createLedger, within } from '../../src/ledger/ledger.ts';
import { openWallet } from '../../src/ledger/wallets.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT } from '../support/wallet-states.ts';
import { type TestWallet, fundedWallet, newWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const funded = (credits: bigint): Promise<TestWallet> => fundedWallet(database, ledger, credits);
const empty = (): Promise<TestWallet> => newWallet(database);
const available = async (wallet: TestWallet): Promise<bigint> =>
  (await storedCredits(database, wallet)).available;
const entriesOf = async (wallet: TestWallet): Promise<number> =>
  (await database.query('select 1 from entries where wallet_id = $1', [wallet.id])).length;

const codeOf = (outcome: Outcome): string =>
  outcome.outcome === 'refused' ? outcome.refusal.code : outcome.outcome;

describe('a transfer of credits', () => {
  test('moves lots with their expiry, source and operations into the other wallet', async () => {
    const [from, to] = [await empty(), await empty()];
    const expires_at = 4_102_444_800_000_000n;
    const grant = { source: 'plan', expires_at, operations: ['work'] } as const;
    await ledger.execute(from.grant(5n, grant));
    const outcome = await ledger.execute(from.transfer(to, 3n));
    expect(outcome).toMatchObject({ amount_micro: 3n * CREDIT, available_after: 2n * CREDIT });
    const lots = await database.query(
      `select source, priority, operations, extract(epoch from expires_at)::text as expires,
         available::text, (select kind from entries e
           where e.wallet_id = l.wallet_id and e.seq = l.entry_seq) as kind
       from lots l where wallet_id = $1`,
      [to.id],
    );
    expect(lots).toEqual([
      {
        source: 'plan',
        priority: 20,
        operations: ['work'],
        expires: '4102444800.000000',
        available: '3000000',
        kind: 'transfer_in',
      },
    ]);
  });

  test('carries the whole cost of a lot in the end, however it was cut and at whatever time', async () => {
    const from = await empty();
    const to = [await empty(), await empty(), await empty()] as const;
    await ledger.execute(from.grant(3n, { source: 'purchase', cost_minor: 100n, currency: 'USD' }));
    await Promise.all(to.map((one) => ledger.execute(from.transfer(one, 1n))));
    const costs = await database.query<{ cost_minor: string }>(
      'select cost_minor::text from lots where wallet_id = any($1) order by cost_minor',
      [to.map(({ id }) => id)],
    );
    expect(costs.map((row) => row.cost_minor)).toEqual(['33', '33', '34']);
  });

  test('is answered again with the same key, and used by both wallets', async () => {
    const [from, to, third] = [await funded(5n), await empty(), await funded(5n)];
    const transfer = from.transfer(to, 2n);
    const first = await ledger.execute(transfer);
    const again = await Promise.all([1, 2, 3].map(() => ledger.execute(transfer)));
    expect(again).toEqual([1, 2, 3].map(() => ({ ...first, replayed: true })));
    expect(await available(to)).toBe(2n);
    for (const other of [
      { ...transfer, amount_micro: CREDIT },
      third.transfer(to, 2n, { key: transfer.key }),
    ]) {
      expect(codeOf(await ledger.execute(other))).toBe('key_reused');
    }
    expect(await available(third)).toBe(5n);
  });

  test('that the sender cannot pay writes nothing in either wallet, and leaves the key unused', async () => {
    const [from, to] = [await funded(1n), await empty()];
    const transfer = from.transfer(to, 2n);
    expect(codeOf(await ledger.execute(transfer))).toBe('insufficient_credits');
    expect([await entriesOf(from), await entriesOf(to)]).toEqual([1, 0]);
    await ledger.execute(from.grant(1n));
    expect(codeOf(await ledger.execute(transfer))).toBe('done');
  });

  test('with a frozen wallet on either side is refused and writes nothing', async () => {
    const [frozen, other] = [await funded(5n), await funded(5n)];
    await database.query('update wallets set frozen_at = now() where id = $1', [frozen.id]);
    for (const transfer of [frozen.transfer(other, 1n), other.transfer(frozen, 1n)]) {
      expect(codeOf(await ledger.execute(transfer))).toBe('wallet_frozen');
    }
    expect([await entriesOf(frozen), await entriesOf(other)]).toEqual([1, 1]);
  });

  test('to itself, to test credits or to nobody is refused', async () => {
    const wallet = await funded(5n);
    expect(codeOf(await ledger.execute(wallet.transfer(wallet, 1n)))).toBe('transfer_to_itself');
    const of = { workspace_id: wallet.workspace_id, livemode: false };
    const { app } = database.connections;
    const outcome = await inWorkspace(app, wallet.workspace_id, async (trx) => {
      const id = await openWallet(trx, of);
      return within(trx, [wallet.id, id], (wallets) =>
        wallets.run(wallet.transfer({ ...wallet, id }, 1n)),
      );
    });
    expect(codeOf(outcome)).toBe('transfer_between_modes');
    const nobody = { ...wallet, id: wallet.workspace_id };
    await expect(ledger.execute(wallet.transfer(nobody, 1n))).rejects.toThrow('does not exist');
  });

  test('repays first what the receiver owes', async () => {
    const [from, to] = [await funded(5n), await funded(4n)];
    await ledger.execute(to.debit(4n));
    await ledger.execute(to.clawback(1, 4n));
    await ledger.execute(from.transfer(to, 5n));
    expect(await storedCredits(database, to)).toEqual({ available: 1n, held: 0n, debt: 0n });
  });
});

describe('transfers at once', () => {
  test('attack 27: two of the full balance: exactly one', async () => {
    const [from, one, other] = [await funded(7n), await empty(), await empty()];
    const outcomes = await Promise.all([
      ledger.execute(from.transfer(one, 7n)),
      createLedger(database.connections.ledger).execute(from.transfer(other, 7n)),
    ]);
    expect(outcomes.map(codeOf).sort()).toEqual(['done', 'insufficient_credits']);
    expect((await available(one)) + (await available(other))).toBe(7n);
  });

  test('to and fro among three wallets, with debits between, keep every credit', async () => {
    const wallets = [await funded(20n), await funded(20n), await funded(20n)] as const;
    const [one, two, three] = wallets;
    const elsewhere = createLedger(database.connections.ledger);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const through = index % 2 === 0 ? ledger : elsewhere;
        return [
          through.execute(one.transfer(two, 3n)),
          through.execute(two.transfer(one, 2n)),
          through.execute(two.transfer(three, 2n)),
          through.execute(three.transfer(one, 3n)),
          ledger.execute(three.debit(1n)),
        ];
      }).flat(),
    );
    const debits = outcomes.filter(
      (outcome, index) => index % 5 === 4 && codeOf(outcome) === 'done',
    );
    const left = await Promise.all(wallets.map(available));
    expect(left.reduce((sum, credits) => sum + credits, 0n)).toBe(60n - BigInt(debits.length));
    expect(new Set(outcomes.map(codeOf))).toEqual(new Set(['done', 'insufficient_credits']));
  });
});
