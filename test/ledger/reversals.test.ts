import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AMOUNT_MICRO_MAX } from '../../src/core/credits.ts';
import { instantOf } from '../../src/core/instant.ts';
import { type Ledger, type Outcome, createLedger } from '../../src/ledger/ledger.ts';
import { type TestDatabase, testDatabase, verifyAndDrop } from '../support/database.ts';
import { CREDIT, aRule } from '../support/wallet-states.ts';
import { type TestWallet, fundedWallet, newWallet, storedCredits } from '../support/wallets.ts';

let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  database = await testDatabase();
  ledger = createLedger(database.connections.ledger);
});
afterAll(() => verifyAndDrop(database));

const funded = (credits: bigint): Promise<TestWallet> => fundedWallet(database, ledger, credits);
const stored = (wallet: TestWallet) => storedCredits(database, wallet);

const codeOf = (outcome: Outcome): string =>
  outcome.outcome === 'refused' ? outcome.refusal.code : outcome.outcome;

function seqOf(outcome: Outcome): bigint {
  if (outcome.outcome === 'refused') throw new Error(`refused: ${outcome.refusal.code}`);
  return outcome.seq;
}

describe('Promise 8: a payment that is reversed', () => {
  test('takes its lot back, also when nothing is left of it, and what was spent is owed', async () => {
    const wallet = await funded(10n);
    await ledger.execute(wallet.debit(10n));
    const clawback = wallet.clawback(1, 6n);
    const first = await ledger.execute(clawback);
    expect(first).toMatchObject({
      outcome: 'done',
      amount_micro: 6n * CREDIT,
      available_after: 0n,
    });
    expect(await ledger.execute(clawback)).toEqual({ ...first, replayed: true });
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 6n });
    expect(await ledger.execute(wallet.clawback(1, 5n))).toEqual({
      outcome: 'refused',
      refusal: { code: 'clawback_above_lot', left: 4n * CREDIT },
    });
    expect(codeOf(await ledger.execute(wallet.clawback(2, 1n)))).toBe('lot_unknown');
    await ledger.execute(wallet.clawback(1, 4n));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 10n });
  });

  test('leaves what is held to be captured, and what comes back of it can be spent', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    await ledger.execute(wallet.clawback(1, 10n));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 8n, debt: 8n });
    await ledger.execute(wallet.capture(hold.hold_id, 5n));
    expect(await stored(wallet)).toEqual({ available: 3n, held: 0n, debt: 8n });
  });

  test('and is won after all gives the lot back what it took, once for each clawback', async () => {
    const wallet = await funded(10n);
    await ledger.execute(wallet.debit(7n));
    const clawback = seqOf(await ledger.execute(wallet.clawback(1, 10n)));
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => ledger.execute(wallet.reinstatement(clawback))),
    );
    expect(outcomes.map(codeOf).sort()).toEqual([
      'done',
      'nothing_to_reinstate',
      'nothing_to_reinstate',
    ]);
    expect(await stored(wallet)).toEqual({ available: 3n, held: 0n, debt: 0n });
    expect(codeOf(await ledger.execute(wallet.reinstatement(1n)))).toBe('clawback_unknown');
    expect(codeOf(await ledger.execute(wallet.reinstatement(clawback)))).toBe(
      'nothing_to_reinstate',
    );
    // Refunded after the dispute was won: all of it is taken again.
    await ledger.execute(wallet.clawback(1, 10n));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 7n });
  });

  test('gives back as a new lot what was repaid, and nothing of what the policy wrote off', async () => {
    const [repaid, forgiven] = [await funded(10n), await funded(10n)];
    await database.query(`update wallets set reversal = 'write_off' where id = $1`, [forgiven.id]);
    for (const wallet of [repaid, forgiven]) {
      await ledger.execute(wallet.debit(8n));
      const clawback = seqOf(await ledger.execute(wallet.clawback(1, 10n)));
      await ledger.execute(wallet.grant(3n));
      await ledger.execute(wallet.reinstatement(clawback));
    }
    expect(await stored(repaid)).toEqual({ available: 5n, held: 0n, debt: 0n });
    expect(await stored(forgiven)).toEqual({ available: 5n, held: 0n, debt: 0n });
    const kinds = await database.query<{ kinds: string }>(
      `select string_agg(kind, ' ' order by seq) as kinds from entries where wallet_id = any($1)
       group by wallet_id order by wallet_id`,
      [[repaid.id, forgiven.id]],
    );
    expect(kinds.map((row) => row.kinds).sort()).toEqual([
      'grant debit clawback grant repayment reinstatement',
      'grant debit clawback write_off grant reinstatement',
    ]);
  });

  test('after its lot expired takes what expired, and nobody owes that', async () => {
    const wallet = await newWallet(database);
    const past = instantOf(new Date(Date.now() - 60_000));
    await ledger.execute(wallet.grant(10n, { expires_at: past + 10_000_000n }), past);
    await ledger.execute(wallet.debit(4n), past + 1_000_000n);
    const clawback = seqOf(await ledger.execute(wallet.clawback(1, 10n)));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 4n });
    await ledger.execute(wallet.reinstatement(clawback));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 0n });
  });

  test('by two clawbacks with one key at once is one, and by ten with their own no more than the lot', async () => {
    const wallet = await funded(10n);
    await ledger.execute(wallet.debit(5n));
    const clawback = wallet.clawback(1, 4n);
    const twice = await Promise.all([ledger.execute(clawback), ledger.execute(clawback)]);
    expect(twice.map((one) => one.outcome === 'done' && one.replayed).sort()).toEqual([
      false,
      true,
    ]);
    const many = await Promise.all(
      Array.from({ length: 10 }, () => ledger.execute(wallet.clawback(1, 2n))),
    );
    expect(many.map(codeOf).filter((code) => code === 'done')).toHaveLength(3);
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 5n });
  });

  test('attack 29: clawback and debits at once: never both the credits and the money', async () => {
    const wallet = await funded(10n);
    const [clawback, ...debits] = await Promise.all([
      ledger.execute(wallet.clawback(1, 10n)),
      ...Array.from({ length: 8 }, () => ledger.execute(wallet.debit(2n))),
    ]);
    expect(codeOf(clawback)).toBe('done');
    const spent = BigInt(debits.filter((one) => one.outcome === 'done').length) * 2n;
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: spent });
  });
});

describe('a write-off of debt', () => {
  test('forgives what is owed with its reason, and not more', async () => {
    const wallet = await funded(10n);
    await ledger.execute(wallet.debit(10n));
    await ledger.execute(wallet.clawback(1, 10n));
    expect(await ledger.execute(wallet.writeOff(11n * CREDIT))).toEqual({
      outcome: 'refused',
      refusal: { code: 'write_off_above_debt', debt: 10n * CREDIT },
    });
    await ledger.execute(wallet.writeOff(4n * CREDIT));
    const last = seqOf(await ledger.execute(wallet.writeOff()));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 0n });
    const reasons = await database.query(
      'select reason from entry_details where wallet_id = $1 and seq = $2',
      [wallet.id, last],
    );
    expect(reasons).toEqual([{ reason: 'goodwill' }]);
  });
});

describe('attack 30: amounts that the database could not hold', () => {
  test('are refused by name, alone or as a sum, and leave the wallet as it was', async () => {
    const wallet = await funded(1n);
    for (const amount_micro of [AMOUNT_MICRO_MAX, 2n ** 63n - 1n, 2n ** 80n]) {
      expect(codeOf(await ledger.execute(wallet.grant(1n, { amount_micro })))).toBe(
        'amount_too_large',
      );
    }
    const free = aRule({ price_pico: 0n });
    const debit = wallet.debit(1n, { quantity: 2n ** 63n, rule: free });
    expect(codeOf(await ledger.execute(debit))).toBe('amount_too_large');
    expect(await stored(wallet)).toEqual({ available: 1n, held: 0n, debt: 0n });
  });
});

test('work that began while the wallet was unlimited is recorded for nothing when it is not any more', async () => {
  const wallet = await funded(5n);
  await database.query(
    `update wallets set unlimited_until = now() + interval '1 day', unlimited_reason = 'plan' where id = $1`,
    [wallet.id],
  );
  const hold = wallet.hold(3n);
  await ledger.execute(hold);
  await database.query(
    'update wallets set unlimited_until = null, unlimited_reason = null where id = $1',
    [wallet.id],
  );
  expect(await ledger.execute(wallet.capture(hold.hold_id, 4n))).toMatchObject({
    outcome: 'done',
    amount_micro: 0n,
    list_amount_micro: 4n * CREDIT,
  });
  expect(await stored(wallet)).toEqual({ available: 5n, held: 0n, debt: 0n });
});
