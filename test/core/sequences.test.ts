import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/commands.ts';
import { decide } from '../../src/core/decide.ts';
import type { Charge, Entry, Leg, WalletState } from '../../src/core/wallet.ts';
import { aBudget } from '../support/limited-wallets.ts';
import { runNaively } from '../support/naive-ledger.ts';
import { usedIn } from '../support/naive/usage.ts';
import { type NaivePolicies, type NaiveWallet, naiveWallet } from '../support/naive/wallet.ts';
import { tries } from '../support/properties.ts';
import { type Step, aStep, commandOf, somePolicies } from '../support/random-commands.ts';
import { WALLET, aWallet } from '../support/wallet-states.ts';

const SECOND = 1_000_000n;
/** A minute before an hour begins: what is used and comes back lies on either side. */
const START = 3_540n * SECOND;

/** Moments meet: times are mostly whole seconds, and a few are a microsecond beside them. */
const aWhile = fc
  .tuple(fc.bigInt({ min: 0n, max: 12n }), fc.constantFrom(0n, 0n, 0n, 1n, -1n))
  .map(([seconds, beside]) => seconds * SECOND + beside);

interface Run {
  policies: NaivePolicies;
  steps: { step: Step; waits: bigint }[];
}

const aRun: fc.Arbitrary<Run> = fc.record({
  policies: somePolicies,
  steps: fc.array(
    fc.record({
      step: aStep({
        // A few are over when they come.
        lasts_micros: fc.oneof(
          { weight: 9, arbitrary: aWhile.map((micros) => micros + 3n * SECOND) },
          fc.constantFrom(-SECOND, 0n),
        ),
        ttl_seconds: fc.integer({ min: 1, max: 60 }),
      }),
      // The clock may go back.
      waits: fc.oneof(
        { weight: 18, arbitrary: aWhile },
        { weight: 2, arbitrary: fc.constant(-2n * SECOND) },
        // To the hour, a microsecond before it, and so that two entries lie on either side.
        {
          weight: 2,
          arbitrary: fc.constantFrom(2_600n * SECOND, 3_600n * SECOND, 2_600n * SECOND - 1n),
        },
      ),
    }),
    { minLength: 5, maxLength: 40, size: 'max' },
  ),
});

/** What one step of a run did, beside what the simple ledger says that it does. */
interface Done {
  before: WalletState;
  after: WalletState;
  entries: readonly Entry[];
  /** All of the run so far, these included. */
  history: readonly Entry[];
}

/** Carries out a run on both, and shows each step that was no refusal. */
function follow(run: Run, look: (done: Done) => void): void {
  let [state, naive, now] = [firstState(run.policies), naiveWallet(run.policies, START), START];
  const holds: string[] = [];
  const history: Entry[] = [];
  const refunded = new Map<bigint, Charge>();
  for (const [index, { step, waits }] of run.steps.entries()) {
    now += waits;
    const charges = naive.charges.map((charge) => charge.seq);
    const clawbacks = naive.clawbacks.map((clawback) => clawback.seq);
    const later = now > naive.last_at ? now : naive.last_at;
    const command = commandOf(step, WALLET, `step ${index}`, later, {
      holds,
      charges,
      clawbacks,
      included: run.policies.included,
    });
    const before = asRead(state, command, history, refunded);
    const decision = decide(before, command, now);
    const { answer, wallet } = runNaively(naive, command, now);
    if (decision.outcome === 'refused') {
      expect(answer).toEqual(decision);
      continue;
    }
    expect(answer).toMatchObject({
      outcome: 'done',
      seq: decision.own?.seq ?? decision.state.wallet.last_seq,
      available_after: decision.state.wallet.available,
    });
    if (command.kind === 'hold') holds.push(command.hold_id);
    for (const charge of decision.state.charges) refunded.set(charge.seq, charge);
    [state, naive] = [decision.state, wallet];
    expect(decision.entries.map(comparable)).toEqual(naive.written);
    expectEqual(state, naive);
    history.push(...decision.entries);
    look({ before, after: state, entries: decision.entries, history });
  }
}

function firstState(policies: NaivePolicies): WalletState {
  const { budget } = policies;
  const unlimited = policies.unlimited ? 'plan' : null;
  const state = aWallet([], { ...policies, unlimited, last_at: START });
  if (budget === null) return state;
  const { id, limit: limit_amount } = budget;
  const subject = 'operation:work';
  return { ...state, budgets: [aBudget(0n, { id, limit_amount, subject, period: 'hour' })] };
}

/** The state as it is read for a command: with all holds, and the charge that it names. */
function asRead(
  state: WalletState,
  command: Command,
  history: readonly Entry[],
  refunded: ReadonlyMap<bigint, Charge>,
): WalletState {
  const { holds } = state;
  if (command.kind !== 'refund') return { ...state, holds, charges: [] };
  const seq = command.entry_seq;
  const charged = history.find(
    (entry) => entry.seq === seq && ['debit', 'capture'].includes(entry.kind),
  );
  if (charged === undefined || charged.legs.length === 0) return { ...state, holds, charges: [] };
  const parts = charged.legs.map(({ lot, amount }) => ({ lot, taken: amount, refunded: 0n }));
  const hold = holds.find(({ entry_seq }) => entry_seq === charged.parent_seq);
  const counted_at = hold === undefined ? charged.at : hold.created_at;
  const { operation, asked } = charged;
  const charge = { seq, operation, asked, counted_at, parts };
  return { ...state, holds, charges: [refunded.get(seq) ?? charge] };
}

function comparable(entry: Entry): NaiveWallet['written'][number] {
  const { seq, at, kind, amount, list_amount, parent_seq } = entry;
  const { available_after, held_after, debt_after } = entry;
  const legs = entry.legs.map(({ lot, from, to, amount }) => ({ lot, from, to, amount }));
  const after = { available_after, held_after, debt_after };
  return { seq, at, kind, amount, list_amount, legs, parent_seq, ...after };
}

/** The same lots, holds and wallet. */
function expectEqual(state: WalletState, naive: NaiveWallet): void {
  expect([...state.lots].sort((one, other) => one.number - other.number)).toMatchObject(naive.lots);
  const holds = new Map(state.holds.map((hold) => [hold.id, hold]));
  for (const { id, parts, expires_at, expires_at_most, open } of naive.holds) {
    expect(holds.get(id)).toMatchObject({ lots: parts, expires_at, expires_at_most, open });
  }
  const due = [
    ...naive.lots.filter((lot) => lot.available > 0n).map((lot) => lot.expires_at),
    ...naive.holds.filter((hold) => hold.open).map((hold) => hold.expires_at),
  ].filter((at) => at !== null);
  const next_due_at = due.length === 0 ? null : due.reduce((one, at) => (at < one ? at : one));
  for (const { subject, starts_at, amount, quantity } of state.counters) {
    const used = usedIn(naive, subject.slice('operation:'.length), starts_at);
    const budgeted = subject === 'operation:work' && naive.policies.budget !== null;
    expect({ amount, quantity }).toEqual({ ...used, amount: budgeted ? used.amount : 0n });
  }
  const { debt, last_seq, last_at } = naive;
  expect(state.wallet).toMatchObject({ debt, last_seq, last_at, next_due_at });
}

describe('any sequence of commands', () => {
  const look = (name: string, usual: number, each: (done: Done) => void): void =>
    test(name, { timeout: 3_600_000 }, () => {
      fc.assert(
        fc.property(aRun, (run) => follow(run, each)),
        tries(usual),
      );
    });

  look('comes to the same as in a ledger that is told as simply as can be', 400, () => undefined);

  look('keeps what was granted in its lot, and nothing below zero', 50, ({ after }) => {
    for (const lot of after.lots) {
      const buckets = [lot.available, lot.held, lot.consumed, lot.expired, lot.removed];
      expect(buckets.reduce((sum, amount) => sum + amount, 0n)).toBe(lot.granted);
      expect(buckets.every((amount) => amount >= 0n)).toBe(true);
    }
    expect(after.wallet.debt >= 0n).toBe(true);
  });

  look(
    'leaves the wallet equal to its lots, its holds and the fold of its entries',
    100,
    (done) => {
      const { wallet, lots, holds } = done.after;
      expect(lots.reduce((sum, lot) => sum + lot.available, 0n)).toBe(wallet.available);
      expect(lots.reduce((sum, lot) => sum + lot.held, 0n)).toBe(wallet.held);
      const pinned = holds.filter((hold) => hold.open);
      expect(pinned.reduce((sum, one) => sum + one.amount - one.captured - one.released, 0n)).toBe(
        wallet.held,
      );
      const legs = done.history.flatMap((entry) => entry.legs);
      expect(into(legs, 'available')).toBe(wallet.available);
      expect(into(legs, 'held')).toBe(wallet.held);
      expect(-into(legs, 'debt')).toBe(wallet.debt);
    },
  );

  look('numbers entries without a gap, each later than the one before', 50, ({ history }) => {
    for (const [index, entry] of history.entries()) {
      expect(entry.seq).toBe(BigInt(index) + 1n);
      expect(entry.at > (history[index - 1]?.at ?? START)).toBe(true);
    }
  });

  look('burns no lot while one that goes before it has something left', 50, (done) => {
    for (const entry of done.entries.filter((one) => ['debit', 'hold'].includes(one.kind))) {
      const burnt = new Set(entry.legs.map((leg) => leg.lot));
      const last = done.after.lots
        .filter((lot) => burnt.has(lot.number))
        .sort(byOrder)
        .at(-1);
      const before = done.after.lots.filter(
        (lot) =>
          last !== undefined &&
          byOrder(lot, last) < 0 &&
          (lot.operations?.includes(entry.operation ?? '') ?? true),
      );
      if (done.entries.at(-1) === entry)
        expect(before.map((lot) => lot.available)).toEqual(before.map(() => 0n));
    }
  });

  look('never spends a lot at or after its expiry, and never expires what is held', 50, (done) => {
    const began = done.entries[0]?.at ?? 0n;
    for (const entry of done.entries) {
      for (const leg of entry.legs) {
        const lot = done.after.lots.find(({ number }) => number === leg.lot);
        if (lot === undefined) continue;
        const over = lot.expires_at !== null && lot.expires_at <= began;
        const spends = leg.from === 'available' && (leg.to === 'consumed' || leg.to === 'held');
        expect(spends && over).toBe(false);
        if (entry.kind === 'expiry') expect(leg.from).toBe('available');
        if (leg.to === 'expired') expect(over).toBe(true);
      }
    }
  });

  look('settles no more of a hold than was held, and closes it once', 50, ({ before, after }) => {
    for (const hold of after.holds) {
      expect(hold.captured + hold.released <= hold.amount).toBe(true);
      expect(hold.expires_at <= hold.expires_at_most).toBe(true);
      const earlier = before.holds.find((one) => one.id === hold.id);
      if (earlier?.open === false) expect(hold).toEqual(earlier);
    }
  });

  look('claws back no more of a lot than was granted, whatever was reinstated', 200, (done) => {
    const { lots, clawbacks } = done.after;
    const undone = new Set(
      done.history.flatMap((one) => (one.kind === 'reinstatement' ? [one.parent_seq] : [])),
    );
    for (const { number, granted } of lots) {
      const standing = clawbacks.filter((one) => one.lot === number && !undone.has(one.seq));
      expect(standing.reduce((sum, one) => sum + one.amount, 0n) <= granted).toBe(true);
    }
  });

  look('refunds no more than was taken from each lot', 50, ({ after, history }) => {
    for (const { seq, parts } of after.charges) {
      const taken = history.find((entry) => entry.seq === seq)?.legs ?? [];
      for (const part of parts) {
        expect(part.taken).toBe(taken.find((leg) => leg.lot === part.lot)?.amount);
        expect(part.refunded <= part.taken).toBe(true);
      }
      const back = history.filter((one) => one.kind === 'refund' && one.parent_seq === seq);
      expect(back.reduce((sum, entry) => sum + entry.amount, 0n)).toBe(
        parts.reduce((sum, part) => sum + part.refunded, 0n),
      );
    }
  });
});

function into(legs: readonly Leg[], bucket: Leg['to']): bigint {
  const came = legs.filter((leg) => leg.to === bucket).reduce((sum, leg) => sum + leg.amount, 0n);
  const went = legs.filter((leg) => leg.from === bucket).reduce((sum, leg) => sum + leg.amount, 0n);
  return came - went;
}

/** Priority, earliest expiry, oldest; told again here, so that the program's own order is not asked. */
function byOrder(one: WalletState['lots'][number], other: WalletState['lots'][number]): number {
  if (one.priority !== other.priority) return one.priority - other.priority;
  const [first, second] = [one.expires_at ?? 10n ** 18n, other.expires_at ?? 10n ** 18n];
  return first === second ? one.number - other.number : Number(first - second);
}
