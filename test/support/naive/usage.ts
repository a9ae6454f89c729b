import type { Refusal } from '../../../src/core/commands.ts';
import type { PriceRule } from '../../../src/core/price-rules.ts';
import {
  type NaiveEntry,
  type NaiveLot,
  type NaiveWallet,
  least,
  leg,
  nextAt,
  takeInOrder,
  total,
} from './wallet.ts';

/*
 * What usage costs after what was used before, and what pays for it. Nothing is counted: all uses
 * are remembered with the hour in which they count, and added up each time.
 */

const HOUR = 3_600_000_000n;
export const hourOf = (at: bigint): bigint => at - (at % HOUR);

export function use(
  wallet: NaiveWallet,
  at: bigint,
  operation: string,
  { amount = 0n, quantity = 0n }: { amount?: bigint; quantity?: bigint },
): void {
  wallet.uses.push({ hour: hourOf(at), operation, amount, quantity });
}

/** What comes back counts only while the hour is open in which it was used. */
export function unuse(
  wallet: NaiveWallet,
  now: bigint,
  used_at: bigint,
  operation: string,
  { amount = 0n, quantity = 0n }: { amount?: bigint; quantity?: bigint },
): void {
  if (hourOf(nextAt(wallet, now)) !== hourOf(used_at)) return;
  use(wallet, used_at, operation, { amount: -amount, quantity: -quantity });
}

export function usedIn(
  wallet: NaiveWallet,
  operation: string,
  at: bigint,
): { amount: bigint; quantity: bigint } {
  let [amount, quantity] = [0n, 0n];
  for (const one of wallet.uses) {
    if (one.operation !== operation || one.hour !== hourOf(at)) continue;
    amount += one.amount;
    quantity += one.quantity;
  }
  return { amount, quantity };
}

/**
 * Unit for unit, each at the price of the tier that it falls into. Price times quantity is in 10^-18
 * credit; what is left of a micro-credit counts as a whole one.
 */
export function naivePrice(rule: PriceRule, quantity: bigint, before: bigint): bigint {
  const unit = 1_000_000n;
  let exact = 0n;
  for (const { charge: how, step, price_pico, tiers } of rule.components) {
    let units = how === 'flat' ? unit : quantity;
    if (how !== 'flat' && step !== undefined) for (units = 0n; units < quantity;) units += step;
    if (tiers === undefined) exact += units * price_pico;
    else {
      for (let done = 0n; done < units; done += unit) {
        const band = tiers.bands.find(({ up_to }) => before + done < up_to);
        exact += unit * (band?.price_pico ?? price_pico);
      }
    }
  }
  let micro = exact / 10n ** 12n;
  if (micro * 10n ** 12n < exact) micro += 1n;
  return micro;
}

/** The legs that pay a price from the lots that are good for an operation, then as debt. */
export function pay(
  wallet: NaiveWallet,
  price: bigint,
  operation: string,
  partly: boolean,
  to: 'consumed' | 'held',
  now: bigint,
): NaiveEntry['legs'] | Refusal {
  const { overdraft_limit, budget } = wallet.policies;
  let wanted = price;
  if (budget !== null && operation === 'work') {
    const at = nextAt(wallet, now);
    const used = usedIn(wallet, operation, at).amount;
    const left = budget.limit > used ? budget.limit - used : 0n;
    if (left < price && (!partly || left === 0n)) return reached(budget, used, price, at);
    wanted = least(price, left);
  }
  const isGood = (lot: NaiveLot): boolean => lot.operations?.includes(operation) ?? true;
  const available = wallet.lots
    .filter((lot) => isGood(lot))
    .reduce((all, lot) => all + lot.available, 0n);
  let payable = available;
  if (to === 'consumed' && overdraft_limit > wallet.debt) payable += overdraft_limit - wallet.debt;
  if (payable < wanted && (!partly || payable === 0n))
    return tooFew(wallet, price, available, payable);
  const amount = least(wanted, payable);
  const fromLots = least(amount, available);
  const taken = takeInOrder(wallet, fromLots, isGood);
  const legs = taken.map((one) => leg(one.lot, 'available', to, one.amount));
  if (amount > fromLots) legs.push(leg(0, 'debt', 'consumed', amount - fromLots));
  return legs;
}

function reached(
  budget: { id: string; limit: bigint },
  used: bigint,
  required: bigint,
  at: bigint,
): Refusal {
  const blocked_by = { id: budget.id, subject: 'operation:work', period: 'hour' } as const;
  const resets_at = hourOf(at) + HOUR;
  return { code: 'budget_reached', blocked_by, limit: budget.limit, used, required, resets_at };
}

export function tooFew(
  wallet: NaiveWallet,
  required: bigint,
  available: bigint,
  payable: bigint,
): Refusal {
  const balance = total(wallet, 'available') + total(wallet, 'held') - wallet.debt;
  const missing = required - payable;
  return { code: 'insufficient_credits', balance, required, available, missing };
}
