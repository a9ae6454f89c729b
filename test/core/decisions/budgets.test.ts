import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/decide.ts';
import { instantOf } from '../../../src/core/instant.ts';
import {
  ANNA,
  HOUR,
  KEY,
  MIDNIGHT,
  NOW,
  SECOND,
  aBudget,
  aCapture,
  aHold,
  after,
  common,
  counted,
  decided,
  limited,
} from '../../support/limited-wallets.ts';
import { CREDIT, aDebit, aRule, aWallet } from '../../support/wallet-states.ts';

describe('a hard budget', () => {
  test('lets exactly its limit be used, and its refusal names it, what is used and when it resets', () => {
    const state = after(limited([aBudget(5n)]), [aDebit(3n), aDebit(2n)]);
    expect(decide(state, aDebit(1n), NOW)).toEqual({
      outcome: 'refused',
      refusal: {
        code: 'budget_reached',
        blocked_by: { id: 'budget of 5', subject: 'wallet', period: 'day' },
        limit: 5n * CREDIT,
        used: 5n * CREDIT,
        required: CREDIT,
        resets_at: MIDNIGHT,
      },
    });
    expect(decided(state, aDebit(1n), MIDNIGHT).own?.amount).toBe(CREDIT);
  });

  test('of all time resets never', () => {
    const state = limited([aBudget(5n, { period: 'all' })]);
    expect(decide(state, aDebit(6n), NOW)).toMatchObject({ refusal: { resets_at: null } });
  });

  test('is asked before the credits, and the one that leaves least is named', () => {
    const state = limited([aBudget(50n), aBudget(20n, { period: 'month' })]);
    expect(decide(state, aDebit(1_000n), NOW)).toMatchObject({
      refusal: { code: 'budget_reached', blocked_by: { id: 'budget of 20' } },
    });
  });

  test('leaves a part to whom a part is enough, as much as credits and budgets both allow', () => {
    const partly = (units: bigint) => aDebit(units, { allow_partial: true });
    expect(decided(limited([aBudget(5n)]), partly(7n)).own).toMatchObject({
      amount: 5n * CREDIT,
      list_amount: 7n * CREDIT,
    });
    expect(decided(limited([aBudget(500n)]), partly(700n)).own?.amount).toBe(100n * CREDIT);
    const used = after(limited([aBudget(5n)]), [aDebit(5n)]);
    expect(decide(used, partly(1n), NOW)).toMatchObject({ refusal: { code: 'budget_reached' } });
    const empty = { ...aWallet([]), budgets: [aBudget(5n)] };
    expect(decide(empty, partly(1n), NOW)).toMatchObject({
      refusal: { code: 'insufficient_credits', missing: CREDIT },
    });
  });

  test('counts what all parts of its subject are true of', () => {
    const subjects = ['operation:work', `member:${ANNA}`, `api_key:${KEY}`];
    const both = `member:${ANNA} operation:other`;
    const budgets = [...subjects, both].map((subject) => aBudget(9n, { subject }));
    const byAnna = { asked: { actor_kind: 'person', actor_id: ANNA } } as const;
    const byKey = { asked: { actor_kind: 'api_key', api_key_id: KEY } } as const;
    const commands = [
      aDebit(1n),
      aDebit(2n, byAnna),
      aDebit(4n, byKey),
      aDebit(3n, { ...byAnna, operation: 'other' }),
    ];
    expect(counted(after(limited(budgets), commands))).toEqual([
      ['operation:work', 'day', 7n, 0n],
      [`api_key:${KEY}`, 'day', 4n, 0n],
      [`member:${ANNA}`, 'day', 5n, 0n],
      [both, 'day', 3n, 0n],
    ]);
  });

  test('is raised for a time, which ends by itself', () => {
    const raised_until = NOW + HOUR;
    const state = limited([aBudget(5n, { raised_to: 8n * CREDIT, raised_until })]);
    const used = after(state, [aDebit(7n)]);
    expect(decide(used, aDebit(2n), NOW)).toMatchObject({ refusal: { limit: 8n * CREDIT } });
    expect(decide(used, aDebit(1n), raised_until)).toMatchObject({
      refusal: { limit: 5n * CREDIT, used: 7n * CREDIT },
    });
  });

  test('counts for the whole of a day of 25 hours', () => {
    const start = instantOf(new Date('2026-10-24T22:00:00Z'));
    const state = limited([aBudget(5n, { time_zone: 'Europe/Berlin' })]);
    const used = after(state, [aDebit(5n)], start);
    expect(decide(used, aDebit(1n), start + 25n * HOUR - 1n)).toMatchObject({
      refusal: { code: 'budget_reached', resets_at: start + 25n * HOUR },
    });
    expect(decide(used, aDebit(1n), start + 25n * HOUR).outcome).toBe('decided');
  });

  test('counts a window that two budgets share once', () => {
    const state = after(limited([aBudget(5n), aBudget(9n, { hard: false })]), [aDebit(2n)]);
    expect(counted(state)).toEqual([['wallet', 'day', 2n, 0n]]);
  });

  test('does not stop what costs nothing, nor a wallet that is unlimited', () => {
    const used = after(limited([aBudget(5n)]), [aDebit(5n)]);
    expect(decided(used, aDebit(1n, { rule: aRule({ price_pico: 0n }) })).own?.amount).toBe(0n);
    const unlimited = { ...used, wallet: { ...used.wallet, unlimited: 'plan' as const } };
    expect(counted(after(unlimited, [aDebit(3n)]))).toEqual([['wallet', 'day', 5n, 0n]]);
  });
});

describe('a budget and what comes back', () => {
  test('a release gives back while the day of its hold is open, and not the day after', () => {
    const release = { ...common, kind: 'release', hold_id: 'h' } as const;
    const state = limited([aBudget(5n)], { hold_max_seconds: 86_400 });
    const held = after(state, [aHold(5n, { ttl_seconds: 86_400 })]);
    expect(counted(after(held, [release]))).toEqual([['wallet', 'day', 0n, 0n]]);
    expect(counted(after(held, [aDebit(4n), release], MIDNIGHT))).toEqual([
      ['wallet', 'day', 5n, 0n],
      ['wallet', 'day', 4n, 0n],
    ]);
  });

  test('a hold that lapses gives back to the member who made it, whoever comes next', () => {
    const asked = { actor_kind: 'person', actor_id: ANNA } as const;
    const budget = aBudget(5n, { subject: `member:${ANNA}` });
    const held = after(limited([budget]), [aHold(5n, { asked, ttl_seconds: 60 })]);
    const later = NOW + 61n * SECOND;
    expect(counted(decided(held, aDebit(1n), later).state)).toEqual([
      [budget.subject, 'day', 0n, 0n],
    ]);
  });

  test('a capture of less gives the rest back; more than was held counts as a debit now', () => {
    const policy = { capture_above_hold: 'debit', hold_max_seconds: 86_400 } as const;
    const held = after(limited([aBudget(9n)], policy), [aHold(5n)]);
    expect(counted(after(held, [aCapture(3n)]))).toEqual([['wallet', 'day', 3n, 0n]]);
    expect(counted(after(held, [aCapture(7n)]))).toEqual([['wallet', 'day', 7n, 0n]]);
    expect(decide(held, aCapture(10n), NOW)).toMatchObject({
      refusal: { code: 'budget_reached', used: 5n * CREDIT, required: 5n * CREDIT },
    });
    const long = after(limited([aBudget(9n)], policy), [aHold(5n, { ttl_seconds: 86_400 })]);
    expect(counted(after(long, [aCapture(7n)], MIDNIGHT))).toEqual([
      ['wallet', 'day', 5n, 0n],
      ['wallet', 'day', 2n, 0n],
    ]);
  });

  test('a refund gives back while the day of the charge is open', () => {
    const used = after(limited([aBudget(5n)]), [aDebit(5n)]);
    const seq = used.wallet.last_seq;
    const charge = {
      ...{ seq, counted_at: NOW, operation: 'work', asked: common.asked },
      parts: [{ lot: 1, taken: 5n * CREDIT, refunded: 0n }],
    };
    const refund = { ...common, kind: 'refund', entry_seq: seq, amount_micro: CREDIT } as const;
    const state = { ...used, charges: [charge] };
    expect(counted(after(state, [refund]))).toEqual([['wallet', 'day', 4n, 0n]]);
    expect(counted(after(state, [refund], MIDNIGHT))).toEqual([['wallet', 'day', 5n, 0n]]);
  });
});
