import type { Debit, HoldCredits, Refusal } from '../commands.ts';
import { least } from '../credits.ts';
import type { Headroom } from '../counters.ts';
import { type Draft, type Written, following } from '../draft.ts';
import type { Hold } from '../holds.ts';
import { MICROSECONDS_PER_SECOND } from '../instant.ts';
import { availableFor, burn } from '../lots.ts';
import type { Period } from '../periods.ts';
import {
  type Price,
  type PriceRule,
  countedPeriods,
  countedQuantity,
  priceOf,
  unknownComponent,
} from '../price-rules.ts';
import type { Entry, Leg } from '../wallet.ts';
import { asAsked } from './asked.ts';

/**
 * Charges the price of a quantity: from the lots that may be burnt, then as debt up to the limit.
 * @param first the entry from which it follows, if it is no command of its own
 */
export function debit(draft: Draft, command: Debit, first?: Entry): Entry | Refusal {
  if (!isPriced(command)) return notPriced(command);
  const price = priceNow(draft, command);
  const paid = pay(draft, price.amount_micro, command, 'consumed');
  if ('code' in paid) return paid;
  return counted(draft, command, {
    ...asPriced(command, price),
    ...paid,
    kind: 'debit',
    occurred_at: command.occurred_at ?? null,
    ...(first === undefined ? {} : following(first, 'debit')),
  });
}

/** Sets the price of a quantity apart, from lots only: what is owed cannot be held. */
export function hold(draft: Draft, command: HoldCredits): Entry | Refusal {
  if (!isPriced(command)) return notPriced(command);
  if (draft.holds.some((one) => one.id === command.hold_id)) return { code: 'hold_exists' };
  const price = priceNow(draft, command);
  const paid = pay(draft, price.amount_micro, command, 'held');
  if ('code' in paid) return paid;
  const entry = counted(draft, command, { ...asPriced(command, price), ...paid, kind: 'hold' });
  draft.replaceHold(holdOf(draft, command, entry));
  return entry;
}

/** What is paid of a price and how: nothing, with the reason, where the wallet is unlimited. */
function pay(
  draft: Draft,
  required: bigint,
  command: Priced,
  to: 'consumed' | 'held',
): Pick<Entry, 'amount' | 'list_amount' | 'legs'> | Refusal {
  const { unlimited } = draft.wallet;
  if (unlimited !== null) return waived(required, unlimited);
  const legs = take(draft, required, command, to);
  return 'code' in legs ? legs : charged(required, legs);
}

/**
 * The legs that pay `required`, or all that credits and budgets allow where a part is enough; or the
 * refusal.
 */
export function take(
  draft: Draft,
  required: bigint,
  command: Pick<Debit, 'operation' | 'asked' | 'allow_partial'>,
  to: 'consumed' | 'held',
): Leg[] | Refusal {
  const enough = command.allow_partial === true && required > 0n ? 1n : required;
  const budget = draft.tally.tightest(command, draft.nextAt());
  if (budget !== undefined && budget.left < enough) return budgetReached(budget, required);
  const available = availableFor(draft.lots, command.operation, draft.now);
  const payable = to === 'held' ? available : available + overdraftLeft(draft);
  if (payable < enough) return draft.tooFew(required, available, payable);
  const amount = least(required, payable, budget?.left ?? required);
  const fromLots = least(amount, available);
  const legs = burn(draft.lots, fromLots, command.operation, draft.now).map((part): Leg => ({
    ...part,
    from: 'available',
    to,
  }));
  if (amount > fromLots) {
    legs.push({ lot: 0, from: 'debt', to: 'consumed', amount: amount - fromLots });
  }
  return legs;
}

/** An amount with the legs that paid it; the list amount beside it when only a part could be paid. */
function charged(required: bigint, legs: Leg[]): Pick<Entry, 'amount' | 'list_amount' | 'legs'> {
  const amount = legs.reduce((sum, leg) => sum + leg.amount, 0n);
  return { amount, list_amount: amount === required ? null : required, legs };
}

/** Nothing is charged, and what it would have cost is kept. */
export function waived(
  required: bigint,
  waiver: string,
): Pick<Entry, 'amount' | 'list_amount' | 'waiver' | 'legs'> {
  return { amount: 0n, list_amount: required, waiver, legs: [] };
}

function budgetReached(budget: Headroom, required: bigint): Refusal {
  const { id, subject, period, limit, used, resets_at } = budget;
  const blocked_by = { id, subject, period };
  return { code: 'budget_reached', blocked_by, limit, used, required, resets_at };
}

/** What a debit or a hold would cost now; undefined where it has no price. */
export function priceInDraft(draft: Draft, command: Debit | HoldCredits): Price | undefined {
  return isPriced(command) ? priceNow(draft, command) : undefined;
}

/** A debit or a hold of an operation that is on sale. */
type Priced = (Debit | HoldCredits) & { rule: PriceRule };

function isPriced<Usage extends Debit | HoldCredits>(
  command: Usage,
): command is Usage & { rule: PriceRule } {
  const { rule, components } = command;
  return rule !== undefined && unknownComponent(rule, components) === undefined;
}

function notPriced({ operation, rule, components }: Debit | HoldCredits): Refusal {
  const component = rule === undefined ? undefined : unknownComponent(rule, components);
  if (component === undefined) return { code: 'operation_unknown', operation };
  return { code: 'component_unknown', component };
}

/** The price after all that was used of the operation until now. */
function priceNow(draft: Draft, { operation, rule, quantity, components }: Priced): Price {
  const at = draft.nextAt();
  const used = (period: Period): bigint => draft.tally.used(operation, period, at);
  return priceOf(rule, quantity, used, components);
}

/** Writes an entry and counts it: the amount for budgets, the quantity for tiers. */
function counted(draft: Draft, command: Priced, written: Written): Entry {
  const entry = draft.write(written);
  const { operation, rule, quantity, components } = command;
  const used = countedQuantity(rule, quantity, components);
  draft.tally.countAmount(command, entry.amount, entry.at);
  draft.tally.countQuantity(operation, countedPeriods(rule), used, entry.at);
  return entry;
}

function overdraftLeft(draft: Draft): bigint {
  const { overdraft_limit, debt } = draft.wallet;
  return overdraft_limit > debt ? overdraft_limit - debt : 0n;
}

function asPriced(command: Debit | HoldCredits, price: Price) {
  return {
    ...asAsked(command),
    operation: command.operation,
    quantity: command.quantity,
    lines: price.lines,
  };
}

function holdOf(draft: Draft, command: HoldCredits & Priced, entry: Entry): Hold {
  const most = BigInt(draft.wallet.hold_max_seconds);
  const ttl = BigInt(command.ttl_seconds);
  const { rule, quantity, components } = command;
  return {
    id: command.hold_id,
    entry_seq: entry.seq,
    operation: command.operation,
    asked: command.asked,
    quantity: countedPeriods(rule).length > 0 ? countedQuantity(rule, quantity, components) : 0n,
    waiver: draft.wallet.unlimited,
    amount: entry.amount,
    captured: 0n,
    released: 0n,
    created_at: entry.at,
    expires_at: entry.at + least(ttl, most) * MICROSECONDS_PER_SECOND,
    expires_at_most: entry.at + most * MICROSECONDS_PER_SECOND,
    open: true,
    lots: entry.legs.map((leg, position) => ({
      lot: leg.lot,
      position,
      amount: leg.amount,
      captured: 0n,
      released: 0n,
    })),
  };
}
