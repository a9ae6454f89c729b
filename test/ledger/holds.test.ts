import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instantOf } from '../../src/core/instant.ts';
import { balanceOf } from '../../src/ledger/balances.ts';
import { type Ledger, type Outcome, createLedger } from '../../src/ledger/ledger.ts';
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
const stored = (wallet: TestWallet) => storedCredits(database, wallet);

function refusalOf(outcome: Outcome): string {
  return outcome.outcome === 'refused' ? outcome.refusal.code : outcome.outcome;
}

const setWallet = (wallet: TestWallet, change: string) =>
  database.query(`update wallets set ${change} where id = $1`, [wallet.id]);

describe('Promise 7: holds', () => {
  test('what is held is not available, and is charged as far as it was used', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    expect(await stored(wallet)).toEqual({ available: 2n, held: 8n, debt: 0n });
    expect(refusalOf(await ledger.execute(wallet.debit(3n)))).toBe('insufficient_credits');
    await ledger.execute(wallet.capture(hold.hold_id, 5n));
    expect(await stored(wallet)).toEqual({ available: 5n, held: 0n, debt: 0n });
  });

  test('the answer to a capture comes again as it was, with what came back after it', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    const capture = wallet.capture(hold.hold_id, 5n);
    const first = await ledger.execute(capture);
    expect(first).toMatchObject({ amount_micro: 5n * CREDIT, available_after: 5n * CREDIT });
    expect(await ledger.execute(capture)).toEqual({ ...first, replayed: true });
  });

  test('several captures, the last of which gives back the rest', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    await ledger.execute(wallet.capture(hold.hold_id, 2n, { more_to_follow: true }));
    expect(await stored(wallet)).toEqual({ available: 2n, held: 6n, debt: 0n });
    await ledger.execute(wallet.capture(hold.hold_id, 1n));
    expect(await stored(wallet)).toEqual({ available: 7n, held: 0n, debt: 0n });
  });

  test('capture twice, release after capture and capture after release are refused with the final state', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    await ledger.execute(wallet.capture(hold.hold_id, 5n));
    for (const late of [wallet.capture(hold.hold_id, 1n), wallet.release(hold.hold_id)]) {
      expect(await ledger.execute(late)).toEqual({
        outcome: 'refused',
        refusal: { code: 'hold_closed', captured: 5n * CREDIT, released: 3n * CREDIT },
      });
    }
    expect(refusalOf(await ledger.execute(wallet.release(wallet.id)))).toBe('hold_unknown');
  });

  test('the id of a hold is used once, open or closed', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    const twin = wallet.hold(1n, { hold_id: hold.hold_id });
    expect(refusalOf(await ledger.execute(twin))).toBe('hold_exists');
    await ledger.execute(wallet.release(hold.hold_id));
    expect(refusalOf(await ledger.execute(twin))).toBe('hold_exists');
    expect(await stored(wallet)).toEqual({ available: 10n, held: 0n, debt: 0n });
  });

  test('capture and release racing: exactly one', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(8n);
    await ledger.execute(hold);
    const outcomes = await Promise.all([
      ledger.execute(wallet.capture(hold.hold_id, 8n)),
      ledger.execute(wallet.release(hold.hold_id)),
      ledger.execute(wallet.capture(hold.hold_id, 8n)),
    ]);
    expect(outcomes.map(refusalOf).sort()).toEqual(['done', 'hold_closed', 'hold_closed']);
  });

  test('a hold that lapsed gives its credits back before anybody asks for more', async () => {
    const wallet = await newWallet(database);
    const past = instantOf(new Date(Date.now() - 120_000));
    await ledger.execute(wallet.grant(5n), past);
    const hold = wallet.hold(5n, { ttl_seconds: 30 });
    await ledger.execute(hold, past + 1_000_000n);
    expect(await stored(wallet)).toMatchObject({ available: 0n, held: 5n });
    expect(await balanceOf(database.connections.staff, wallet.workspace_id)).toMatchObject({
      available_micro: 5n * CREDIT,
      held_micro: 0n,
    });
    expect(await ledger.execute(wallet.debit(5n))).toMatchObject({ outcome: 'done' });
    expect(refusalOf(await ledger.execute(wallet.capture(hold.hold_id, 1n)))).toBe('hold_closed');
  });

  test('an extension moves the deadline, and ends where the wallet allows no more', async () => {
    const wallet = await funded(10n);
    await setWallet(wallet, 'hold_max_seconds = 90');
    const hold = wallet.hold(8n, { ttl_seconds: 10 });
    await ledger.execute(hold);
    await ledger.execute(wallet.extend(hold.hold_id, 100_000));
    const [row] = await database.query<{ lasts: number }>(
      'select extract(epoch from expires_at - created_at)::int as lasts from holds where id = $1',
      [hold.hold_id],
    );
    expect(row?.lasts).toBe(90);
  });

  test('what is held outlives its lot until the deadline, and comes back as expired', async () => {
    const wallet = await newWallet(database);
    const past = instantOf(new Date(Date.now() - 120_000));
    await ledger.execute(wallet.grant(5n, { expires_at: past + 10_000_000n }), past);
    const hold = wallet.hold(5n, { ttl_seconds: 3_600 });
    await ledger.execute(hold, past + 1_000_000n);
    await ledger.execute(wallet.capture(hold.hold_id, 2n));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 0n });
    const [lot] = await database.query(
      'select consumed::text, expired::text from lots where wallet_id = $1',
      [wallet.id],
    );
    expect(lot).toEqual({ consumed: '2000000', expired: '3000000' });
  });

  test('more than is held: refused, or an ordinary debit of the excess, by the wallet’s policy', async () => {
    const wallet = await funded(10n);
    const hold = wallet.hold(4n);
    await ledger.execute(hold);
    expect(refusalOf(await ledger.execute(wallet.capture(hold.hold_id, 6n)))).toBe(
      'capture_above_hold',
    );
    await setWallet(wallet, `capture_above_hold = 'debit'`);
    expect(refusalOf(await ledger.execute(wallet.capture(hold.hold_id, 11n)))).toBe(
      'insufficient_credits',
    );
    await ledger.execute(wallet.capture(hold.hold_id, 6n));
    expect(await stored(wallet)).toEqual({ available: 4n, held: 0n, debt: 0n });
  });

  test('as much as there is, when it is asked for, and the answer says how much', async () => {
    const wallet = await funded(3n);
    const outcome = await ledger.execute(wallet.hold(5n, { allow_partial: true }));
    expect(outcome).toMatchObject({ outcome: 'done', amount_micro: 3n * CREDIT });
    expect(refusalOf(await ledger.execute(wallet.debit(1n, { allow_partial: true })))).toBe(
      'insufficient_credits',
    );
  });
});

describe('Promise 8: refunds', () => {
  test('go back to the lots that they came from, in parts, and never more than was taken', async () => {
    const wallet = await newWallet(database);
    await ledger.execute(wallet.grant(3n, { source: 'promo' }));
    await ledger.execute(wallet.grant(5n, { source: 'purchase' }));
    const charge = await ledger.execute(wallet.debit(6n));
    if (charge.outcome !== 'done') throw new Error('refused');
    await ledger.execute(wallet.refund(charge.seq, 4n * CREDIT));
    const lots = await database.query<{ available: string }>(
      'select available::text from lots where wallet_id = $1 order by number',
      [wallet.id],
    );
    expect(lots.map((lot) => lot.available)).toEqual(['1000000', '5000000']);
    expect(await ledger.execute(wallet.refund(charge.seq, 3n * CREDIT))).toEqual({
      outcome: 'refused',
      refusal: { code: 'refund_above_charge', refundable: 2n * CREDIT },
    });
    await ledger.execute(wallet.refund(charge.seq));
    expect(await stored(wallet)).toMatchObject({ available: 8n });
    expect(refusalOf(await ledger.execute(wallet.refund(charge.seq)))).toBe('refund_above_charge');
    expect(refusalOf(await ledger.execute(wallet.refund(1n)))).toBe('charge_unknown');
  });

  test('of one charge ten times at once give back no more than was taken', async () => {
    const wallet = await funded(10n);
    const charge = await ledger.execute(wallet.debit(5n));
    if (charge.outcome !== 'done') throw new Error('refused');
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => ledger.execute(wallet.refund(charge.seq, 2n * CREDIT))),
    );
    expect(outcomes.filter((one) => one.outcome === 'done')).toHaveLength(2);
  });

  test('into a lot that has expired: expired, or a new lot with grace, by the wallet’s policy', async () => {
    for (const [policy, available] of [
      ['expire', 0n],
      ['grace_lot', 2n],
    ] as const) {
      const wallet = await newWallet(database);
      await setWallet(wallet, `refund_to_expired_lot = '${policy}'`);
      const past = instantOf(new Date(Date.now() - 120_000));
      await ledger.execute(wallet.grant(5n, { expires_at: past + 10_000_000n }), past);
      const charge = await ledger.execute(wallet.debit(2n), past + 1_000_000n);
      if (charge.outcome !== 'done') throw new Error('refused');
      await ledger.execute(wallet.refund(charge.seq));
      expect(await stored(wallet)).toEqual({ available, held: 0n, debt: 0n });
    }
  });
});

describe('debt, unlimited and adjustment', () => {
  test('an overdraft is debt up to its limit, and the next grant repays it first', async () => {
    const wallet = await funded(2n);
    await setWallet(wallet, `overdraft_limit = ${5n * CREDIT}`);
    await ledger.execute(wallet.debit(6n));
    expect(await stored(wallet)).toEqual({ available: 0n, held: 0n, debt: 4n });
    expect(refusalOf(await ledger.execute(wallet.debit(2n)))).toBe('insufficient_credits');
    await ledger.execute(wallet.grant(10n));
    expect(await stored(wallet)).toEqual({ available: 6n, held: 0n, debt: 0n });
  });

  test('a refund of what was owed takes from the debt, and what was repaid meanwhile comes back', async () => {
    const wallet = await newWallet(database);
    await setWallet(wallet, `overdraft_limit = ${5n * CREDIT}`);
    const charge = await ledger.execute(wallet.debit(5n));
    if (charge.outcome !== 'done') throw new Error('refused');
    await ledger.execute(wallet.grant(2n));
    await ledger.execute(wallet.refund(charge.seq));
    expect(await stored(wallet)).toEqual({ available: 2n, held: 0n, debt: 0n });
  });

  test('I3 an unlimited wallet records what usage would have cost, and takes nothing', async () => {
    const wallet = await funded(1n);
    await setWallet(
      wallet,
      `unlimited_until = now() + interval '1 day', unlimited_reason = 'plan'`,
    );
    expect(await ledger.execute(wallet.debit(7n))).toMatchObject({ amount_micro: 0n });
    const hold = wallet.hold(3n);
    await ledger.execute(hold);
    await ledger.execute(wallet.capture(hold.hold_id, 4n, { more_to_follow: true }));
    await ledger.execute(wallet.capture(hold.hold_id, 5n));
    expect(refusalOf(await ledger.execute(wallet.release(hold.hold_id)))).toBe('hold_closed');
    expect(await stored(wallet)).toEqual({ available: 1n, held: 0n, debt: 0n });
    const rows = await database.query(
      `select kind, amount::text, list_amount::text, waiver from entries where wallet_id = $1 and waiver is not null order by seq`,
      [wallet.id],
    );
    expect(rows).toEqual([
      { kind: 'debit', amount: '0', list_amount: '7000000', waiver: 'plan' },
      { kind: 'hold', amount: '0', list_amount: '3000000', waiver: 'plan' },
      { kind: 'capture', amount: '0', list_amount: '4000000', waiver: 'plan' },
      { kind: 'capture', amount: '0', list_amount: '5000000', waiver: 'plan' },
    ]);
  });

  test('an adjustment adds a lot or takes credits away, and not more than there are', async () => {
    const wallet = await funded(5n);
    await ledger.execute(wallet.adjustment(2n));
    await ledger.execute(wallet.adjustment(-6n));
    expect(await stored(wallet)).toMatchObject({ available: 1n });
    expect(refusalOf(await ledger.execute(wallet.adjustment(-2n)))).toBe('insufficient_credits');
  });
});
