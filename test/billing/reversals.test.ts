import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestProgram, testProgram } from '../support/program.ts';
import { deliver, emit, only, order, payHeld } from '../support/purchases.ts';
import { paidPurchase, spendCredits } from '../support/reversals.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const WELCOME = 50_000_000n;
const CREDITS = 1_000_000n;
const debtOf = async (wallet_id: string): Promise<bigint> => {
  const [row] = await program.database.query<{ debt: string }>(
    'select debt::text from wallets where id = $1',
    [wallet_id],
  );
  return BigInt(row?.debt ?? -1);
};

describe('refunds that Stripe tells of', () => {
  test.each([
    ['in order', [900, 1800, 4500]],
    ['out of order and twice', [4500, 900, 4500, 1800]],
  ])('attack 43: cumulative refunds %s take back as much as the largest', async (_name, told) => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.charge(told[0] ?? 0);
    const first = await purchase.state();
    expect(first.clawed).toEqual(
      told[0] === 4500 ? ['500000000', '50000000'] : ['100000000', '10000000'],
    );
    for (const amount of told.slice(1)) await purchase.charge(amount);
    expect(await purchase.state()).toEqual({
      status: 'refunded',
      refunded_minor: '4500',
      clawed: ['500000000', '50000000'],
    });
    expect(await ada.available()).toBe(WELCOME);
  });

  test('attack 43: the ratio is rounded down, and a refund told by itself and by its charge counts once', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.refund('re_1', 1, 'succeeded', 'refund.created');
    await purchase.charge(1);
    await purchase.refund('re_1', 1, 'succeeded', 'charge.refund.updated');
    expect(await purchase.state()).toEqual({
      status: 'completed',
      refunded_minor: '1',
      clawed: ['111111', '11111'],
    });
  });

  test('attack 44: what was spent already is owed, and the next credits repay it', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await spendCredits(program, ada, 590n * CREDITS);
    await purchase.charge(4500);
    expect(await debtOf(ada.wallet_id)).toBe(540n * CREDITS);
    expect(await ada.available()).toBe(0n);
    await paidPurchase(program, ada);
    expect(await debtOf(ada.wallet_id)).toBe(0n);
    expect(await ada.available()).toBe(10n * CREDITS);
  });

  test('attack 44: where the policy says so, what was spent already is written off', async () => {
    const ada = await program.signUp();
    await program.database.query("update wallets set reversal = 'write_off' where id = $1", [
      ada.wallet_id,
    ]);
    const purchase = await paidPurchase(program, ada);
    await spendCredits(program, ada, 600n * CREDITS);
    await purchase.charge(4500);
    expect(await debtOf(ada.wallet_id)).toBe(0n);
    await purchase.refund('re_1', 4500, 'failed', 'refund.failed');
    expect(await ada.available()).toBe(0n);
  });

  test('attack 47: a refund that fails later gives the credits back, to the same lots', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.refund('re_1', 900, 'pending', 'refund.created');
    await purchase.refund('re_2', 900, 'succeeded', 'refund.created');
    expect((await purchase.state()).clawed).toEqual(['200000000', '20000000']);
    await purchase.refund('re_1', 900, 'failed', 'refund.failed');
    await purchase.refund('re_1', 900, 'succeeded');
    await purchase.charge(1800);
    expect(await purchase.state()).toEqual({
      status: 'completed',
      refunded_minor: '900',
      clawed: ['100000000', '10000000'],
    });
    expect(await ada.available()).toBe(WELCOME + 440n * CREDITS);
  });
});

describe('disputes', () => {
  test('attack 45: at its opening what is unspent is taken back once, and the wallet is not frozen', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    // The welcome and the bonus burn before the purchase does.
    await spendCredits(program, ada, 200n * CREDITS);
    for (const type of ['created', 'funds_withdrawn', 'created']) {
      await purchase.dispute(`charge.dispute.${type}`, 'needs_response');
    }
    const state = await purchase.state();
    expect(state.status).toBe('disputed');
    expect(BigInt(state.clawed[0] ?? 0) + BigInt(state.clawed[1] ?? 0)).toBe(400n * CREDITS);
    expect(await debtOf(ada.wallet_id)).toBe(0n);
    const [wallet] = await program.database.query('select frozen_at from wallets where id = $1', [
      ada.wallet_id,
    ]);
    expect(wallet).toEqual({ frozen_at: null });
  });

  test.each([
    ['closed as won', [['closed', 'won']]],
    [
      'told by its money first',
      [
        ['funds_reinstated', 'under_review'],
        ['closed', 'won'],
      ],
    ],
    [
      'won before it was told to be open',
      [
        ['closed', 'won'],
        ['updated', 'under_review'],
      ],
    ],
  ])('attack 45: a dispute %s gives back exactly what was taken', async (_name, told) => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.dispute('charge.dispute.created', 'needs_response');
    expect(await ada.available()).toBe(WELCOME);
    for (const [type, status = ''] of told)
      await purchase.dispute(`charge.dispute.${type}`, status);
    await purchase.dispute('charge.dispute.created', 'needs_response');
    expect(await purchase.state()).toEqual({
      status: 'completed',
      refunded_minor: '0',
      clawed: ['0', '0'],
    });
    expect(await ada.available()).toBe(WELCOME + 550n * CREDITS);
  });

  test('attack 45: a dispute that is lost leaves what was spent as debt', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await spendCredits(program, ada, 200n * CREDITS);
    await purchase.dispute('charge.dispute.created', 'needs_response');
    await purchase.dispute('charge.dispute.closed', 'lost');
    await purchase.dispute('charge.dispute.closed', 'lost');
    expect((await purchase.state()).clawed).toEqual(['500000000', '50000000']);
    expect(await debtOf(ada.wallet_id)).toBe(150n * CREDITS);
  });

  test('attack 45: an inquiry takes nothing, closed or not', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.dispute('charge.dispute.created', 'warning_needs_response');
    await purchase.dispute('charge.dispute.closed', 'warning_closed');
    expect(await purchase.state()).toMatchObject({ status: 'completed', clawed: ['0', '0'] });
  });

  test('attack 46: refund and dispute of one sum, and a refund after a dispute was won, take no more than was granted', async () => {
    const ada = await program.signUp();
    const purchase = await paidPurchase(program, ada);
    await purchase.charge(1800);
    await purchase.dispute('charge.dispute.created', 'needs_response');
    expect((await purchase.state()).clawed).toEqual(['500000000', '50000000']);
    await purchase.dispute('charge.dispute.closed', 'won');
    expect((await purchase.state()).clawed).toEqual(['200000000', '20000000']);
    await purchase.charge(4500);
    expect(await purchase.state()).toEqual({
      status: 'refunded',
      refunded_minor: '4500',
      clawed: ['500000000', '50000000'],
    });
    expect(await ada.available()).toBe(WELCOME);
  });
});

test('what came back of a payment before it was told that it was paid is taken in with it', async () => {
  const ada = await program.signUp();
  const ordered = await order(program, ada);
  const paid = only(await payHeld(program, ordered), 'checkout.session.completed');
  const charge = {
    ...{ id: 'ch_early', object: 'charge', payment_intent: 'pi_early', currency: 'usd' },
    ...{ amount: 1000, amount_refunded: 500, metadata: { scrip_payment: ordered.payment_id } },
  };
  const id = await emit(program, 'charge.refunded', charge);
  await deliver(program, { id, type: 'charge.refunded' });
  expect(await ada.available()).toBe(WELCOME);
  await deliver(program, paid);
  expect(await ada.available()).toBe(WELCOME + 50n * CREDITS);
});
