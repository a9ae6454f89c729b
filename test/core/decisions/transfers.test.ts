import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Transfer } from '../../../src/core/commands.ts';
import { decideTransfer } from '../../../src/core/decide.ts';
import type { SentBefore } from '../../../src/core/decisions/transfers.ts';
import type { Lot } from '../../../src/core/lots.ts';
import type { WalletState } from '../../../src/core/wallet.ts';
import { CREDIT, WALLET, aLot, aWallet } from '../../support/wallet-states.ts';

const NOW = 1_000n;
const OTHER = '01990000-0000-7000-8000-000000000009';

const aTransfer = (credits: bigint, more: Partial<Transfer> = {}): Transfer => ({
  kind: 'transfer',
  from_wallet_id: WALLET,
  to_wallet_id: OTHER,
  amount_micro: credits * CREDIT,
  key: { namespace: 'test', key: 'transfer' },
  asked: { actor_kind: 'person' },
  ...more,
});
const other = (more: Partial<WalletState['wallet']> = {}): WalletState =>
  aWallet([], { id: OTHER, ...more });

const NOTHING: SentBefore = new Map();

function transferred(from: WalletState, to: WalletState, command: Transfer, sent = NOTHING) {
  const decision = decideTransfer(from, to, command, NOW, sent);
  if (decision.outcome === 'refused') throw new Error(`refused: ${decision.refusal.code}`);
  return decision;
}

const refusalOf = (from: WalletState, to: WalletState, command: Transfer) => {
  const decision = decideTransfer(from, to, command, NOW, NOTHING);
  return decision.outcome === 'refused' ? decision.refusal : undefined;
};

describe('a transfer', () => {
  test('takes from the lots that burn first, and they go on as they were in the other wallet', () => {
    const promo: Partial<Lot> = { source: 'promo', priority: 10, operations: ['work'] };
    const bought: Partial<Lot> = { cost_minor: 1_000n, currency: 'USD', payment_id: OTHER };
    const from = aWallet([
      aLot(1, 10n, { ...bought, expires_at: 9_000n }),
      aLot(2, 3n, { ...promo, expires_at: 5_000n }),
    ]);
    const { sender, receiver } = transferred(from, other(), aTransfer(7n));
    expect(sender.own).toMatchObject({ kind: 'transfer_out', amount: 7n * CREDIT });
    expect(sender.own?.legs).toEqual([
      { lot: 2, from: 'available', to: 'removed', amount: 3n * CREDIT },
      { lot: 1, from: 'available', to: 'removed', amount: 4n * CREDIT },
    ]);
    expect(receiver.own).toMatchObject({ kind: 'transfer_in', amount: 7n * CREDIT });
    const common = { granted_at: NOW, entry_seq: 1n };
    expect(receiver.state.lots).toEqual([
      aLot(1, 3n, { ...promo, ...common, expires_at: 5_000n }),
      aLot(2, 4n, {
        ...common,
        expires_at: 9_000n,
        cost_minor: 400n,
        currency: 'USD',
      }),
    ]);
    expect(sender.state.wallet.available).toBe(6n * CREDIT);
    expect(receiver.state.wallet).toMatchObject({ available: 7n * CREDIT, next_due_at: 5_000n });
  });

  test('says in both wallets between which it was', () => {
    const { sender, receiver } = transferred(aWallet([aLot(1, 5n)]), other(), aTransfer(5n));
    const metadata = { from_wallet_id: WALLET, to_wallet_id: OTHER };
    expect(sender.own?.details).toEqual({ metadata });
    expect(receiver.own?.details).toEqual({ metadata });
    expect(sender.own?.content).toBe(receiver.own?.content);
  });

  test('repays first what the receiver owes, but not from lots for some operations only', () => {
    const from = aWallet([aLot(1, 4n, { priority: 10, operations: ['work'] }), aLot(2, 4n)]);
    const { receiver } = transferred(from, other({ debt: 6n * CREDIT }), aTransfer(8n));
    expect(receiver.entries.map((entry) => [entry.kind, entry.amount / CREDIT])).toEqual([
      ['transfer_in', 8n],
      ['repayment', 4n],
    ]);
    expect(receiver.state.wallet).toMatchObject({ available: 4n * CREDIT, debt: 2n * CREDIT });
  });

  test('leaves a sender that owes as much as it owes', () => {
    const from = aWallet([aLot(1, 10n)], { debt: 4n * CREDIT });
    expect(refusalOf(from, other(), aTransfer(7n))).toEqual({
      code: 'insufficient_credits',
      balance: 6n * CREDIT,
      required: 7n * CREDIT,
      available: 6n * CREDIT,
      missing: CREDIT,
    });
    expect(transferred(from, other(), aTransfer(6n)).outcome).toBe('decided');
    const owing = aWallet([aLot(1, 1n)], { debt: 4n * CREDIT });
    expect(refusalOf(owing, other(), aTransfer(1n))).toMatchObject({ available: 0n });
  });

  test('does not send what has expired, and writes in each wallet what is due', () => {
    const from = aWallet([aLot(1, 5n, { expires_at: 500n }), aLot(2, 5n)]);
    const to = { ...aWallet([aLot(1, 5n, { expires_at: 500n })], { id: OTHER }) };
    expect(refusalOf(from, to, aTransfer(6n))).toMatchObject({ available: 5n * CREDIT });
    const { sender, receiver } = transferred(from, to, aTransfer(5n));
    expect(sender.entries.map((entry) => entry.kind)).toEqual(['expiry', 'transfer_out']);
    expect(receiver.entries.map((entry) => entry.kind)).toEqual(['expiry', 'transfer_in']);
  });

  test.each([
    ['to itself', aWallet([aLot(1, 5n)]), 'transfer_to_itself'],
    ['from live to test credits', other({ livemode: false }), 'transfer_between_modes'],
    ['to a frozen wallet', other({ frozen: true }), 'wallet_frozen'],
  ])('%s is refused by name', (_name, to, code) => {
    expect(refusalOf(aWallet([aLot(1, 5n)]), to, aTransfer(9n))).toEqual({ code });
  });

  test('from a frozen wallet is refused before it is asked whether the credits would do', () => {
    expect(refusalOf(aWallet([], { frozen: true }), other(), aTransfer(1n))).toEqual({
      code: 'wallet_frozen',
    });
  });

  test('that the receiver could not count is refused', () => {
    const full = 10n ** 12n;
    const to = aWallet([aLot(1, full)], { id: OTHER });
    expect(refusalOf(aWallet([aLot(1, 5n)]), to, aTransfer(1n))).toMatchObject({
      code: 'amount_too_large',
    });
  });
});

describe('the cost of what is sent', () => {
  test('comes to no more than the lot’s, and to all of it when all is sent, in any parts', () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 1_000n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.bigInt({ min: 0n, max: 5_000n }), (amounts, cost_minor) => {
        const granted = amounts.reduce((sum, amount) => sum + amount, 0n);
        const lot = aLot(1, 0n, { granted, available: granted, cost_minor, currency: 'USD' });
        let [state, sent, cost] = [aWallet([lot]), 0n, 0n];
        for (const amount_micro of amounts) {
          const command = aTransfer(0n, { amount_micro });
          const before = new Map([[1, sent]]);
          const { sender, receiver } = transferred(state, other(), command, before);
          state = sender.state;
          sent += amount_micro;
          cost += receiver.state.lots[0]?.cost_minor ?? 0n;
          expect(cost).toBe((cost_minor * sent) / granted);
        }
        expect(cost).toBe(cost_minor);
      }),
    );
  });
});
