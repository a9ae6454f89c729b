import fc from 'fast-check';
import type { Command } from '../../src/core/commands.ts';
import { LOT_SOURCES } from '../../src/core/lots.ts';
import { ONE_UNIT, type PriceRule } from '../../src/core/price-rules.ts';
import { newId } from '../../src/lib/ids.ts';
import type { NaivePolicies } from './naive/wallet.ts';
import { aRule } from './wallet-states.ts';

/** One command of a random sequence. What it names is picked from what there is when its turn comes. */
export interface Step {
  kind: Command['kind'];
  amount: bigint;
  /** How long a lot lasts, or that it never expires. */
  lasts_micros: bigint | null;
  ttl_seconds: number;
  /** Which of the holds and charges so far: the latest is 0; one too far names one that is not. */
  back: number;
  operation: 'work' | 'other';
  limited: boolean;
  source: (typeof LOT_SOURCES)[number];
  on_sale: boolean;
  allow_partial: boolean;
  more_to_follow: boolean;
  price_pico: bigint;
  /** Whole refunds are asked for without an amount. */
  whole: boolean;
}

const KINDS: readonly { arbitrary: fc.Arbitrary<Step['kind']>; weight: number }[] = [
  { arbitrary: fc.constant('grant'), weight: 4 },
  { arbitrary: fc.constant('debit'), weight: 6 },
  { arbitrary: fc.constant('hold'), weight: 5 },
  { arbitrary: fc.constant('extend'), weight: 2 },
  { arbitrary: fc.constant('capture'), weight: 4 },
  { arbitrary: fc.constant('release'), weight: 2 },
  { arbitrary: fc.constant('refund'), weight: 6 },
  { arbitrary: fc.constant('adjustment'), weight: 2 },
  { arbitrary: fc.constant('clawback'), weight: 3 },
  { arbitrary: fc.constant('reinstatement'), weight: 2 },
  { arbitrary: fc.constant('write_off'), weight: 1 },
  { arbitrary: fc.constant('expire'), weight: 1 },
];

export interface StepOptions {
  /** How long lots last that do not last for ever. */
  lasts_micros: fc.Arbitrary<bigint>;
  ttl_seconds: fc.Arbitrary<number>;
}

export function aStep(options: StepOptions): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.oneof(...KINDS),
    amount: fc.bigInt({ min: 1n, max: 20n }),
    lasts_micros: fc.option(options.lasts_micros),
    ttl_seconds: options.ttl_seconds,
    back: fc.nat({ max: 2 }),
    operation: fc.constantFrom('work', 'other'),
    limited: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    source: fc.constantFrom(...LOT_SOURCES),
    on_sale: fc.oneof({ weight: 19, arbitrary: fc.constant(true) }, fc.constant(false)),
    allow_partial: fc.boolean(),
    more_to_follow: fc.boolean(),
    price_pico: fc.constantFrom(1_000_000n, 1_000_000n, 1_500_000n, 700_001n),
    whole: fc.boolean(),
  });
}

const BUDGET = '01990000-0000-7000-8000-0000000000bb';

export const somePolicies: fc.Arbitrary<NaivePolicies> = fc.record({
  frozen: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, fc.constant(true)),
  unlimited: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  overdraft_limit: fc.constantFrom(0n, 0n, 6n, 30n),
  refund_to_expired_lot: fc.constantFrom('expire', 'grace_lot'),
  grace_seconds: fc.constant(20),
  capture_above_hold: fc.constantFrom('refuse', 'debit'),
  reversal: fc.constantFrom('debt', 'write_off'),
  hold_max_seconds: fc.constant(45),
  included: fc.constantFrom(0n, 15n),
  budget: fc.constantFrom(null, { id: BUDGET, limit: 40n }),
});

/** What a step may name: the latest last; and how much its price includes an hour. */
export interface Named {
  holds: readonly string[];
  charges: readonly bigint[];
  clawbacks: readonly bigint[];
  included: bigint;
}

/** The command that a step comes to; amounts are of micro-credits, so that roundings matter. */
export function commandOf(
  step: Step,
  wallet_id: string,
  key: string,
  now: bigint,
  named: Named,
): Command {
  const { kind, operation, ttl_seconds, amount, allow_partial } = step;
  if (kind === 'expire') return { kind, wallet_id };
  const common = {
    wallet_id,
    key: { namespace: 'test', key },
    asked: { actor_kind: 'job' },
  } as const;
  const rule = ruleOf(step, named.included);
  const usage = { operation, quantity: amount * ONE_UNIT, allow_partial };
  const hold_id = named.holds.at(-1 - step.back) ?? wallet_id;
  const expires_at = step.lasts_micros === null ? null : now + step.lasts_micros;
  switch (kind) {
    case 'grant': {
      const operations = step.limited ? { operations: ['other'] } : {};
      const { source } = step;
      return { ...common, kind, amount_micro: amount, source, expires_at, ...operations };
    }
    case 'debit':
      return { ...common, ...usage, kind, rule: step.on_sale ? rule : undefined };
    case 'hold':
      return {
        ...{ ...common, ...usage, kind, hold_id: newId(), ttl_seconds },
        rule: step.on_sale ? rule : undefined,
      };
    case 'extend':
      return { ...common, kind, hold_id, ttl_seconds };
    case 'capture': {
      const { more_to_follow } = step;
      const { quantity } = usage;
      return { ...common, kind, hold_id, quantity, rule, allow_partial, more_to_follow };
    }
    case 'release':
      return { ...common, kind, hold_id };
    case 'refund': {
      const part = step.whole ? {} : { amount_micro: amount };
      return { ...common, kind, entry_seq: named.charges.at(-1 - step.back) ?? 1n, ...part };
    }
    case 'clawback':
      // The amount that was drawn is the lot's number too: wallets have a dozen lots.
      return { ...common, kind, lot: Number(amount), amount_micro: amount / 2n + 1n };
    case 'reinstatement':
      return { ...common, kind, entry_seq: named.clawbacks.at(-1 - step.back) ?? 1n };
    case 'write_off': {
      const part = step.whole ? {} : { amount_micro: amount };
      return { ...common, kind, details: { reason: 'kindness' }, ...part };
    }
    case 'adjustment':
      return {
        ...common,
        ...{ kind, amount_micro: step.whole ? amount : -amount, expires_at },
        details: { reason: 'kindness' },
      };
    default:
      throw new Error('no step makes this kind of command');
  }
}

function ruleOf({ price_pico, operation }: Step, included: bigint): PriceRule {
  const bands = [{ up_to: included * ONE_UNIT, price_pico: 0n }];
  const tiers = { period: 'hour', mode: 'graduated', bands } as const;
  return { ...aRule(included === 0n ? { price_pico } : { price_pico, tiers }), operation };
}
