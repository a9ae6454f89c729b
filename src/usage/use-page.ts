import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { parseDecimal, shortestDecimal } from '../core/decimal.ts';
import { dateOf } from '../core/instant.ts';
import type { Period } from '../core/periods.ts';
import { type PriceComponent, QUANTITY_DECIMALS, formatPrice } from '../core/price-rules.ts';
import { plural } from '../lib/formatting.ts';
import type { FormState } from '../lib/forms.ts';
import type { PricedOperation } from '../pricing/price-book.ts';
import { EVERY, type MemberBudget } from '../workspaces/member-budgets.ts';
import type { SpendOutcome } from './spend.ts';

/** The most units that one run may ask for: beyond this somebody has mistyped. */
const QUANTITY_MAX = 1_000_000n * 1_000_000n;

export const UseForm = z.object({
  operation: z.string('Choose an operation.').regex(/^[\w.]{1,100}$/, 'Choose an operation.'),
  quantity: z.string('Enter how much, for example 1.').transform((text, context) => {
    const quantity = parseDecimal(text.trim(), QUANTITY_DECIMALS);
    if (quantity !== undefined && quantity > 0n && quantity <= QUANTITY_MAX) return quantity;
    context.addIssue('Enter a number above 0 and up to 1000000, with at most six decimals.');
    return z.NEVER;
  }),
  nonce: z.uuid('This form is too old. Run it again.'),
});

/** Operations that belong together, by their codes. */
export interface OperationGroup {
  title: string;
  operations: readonly string[];
}

/** What came of a run, and what limits whoever asks. */
export interface UseResult {
  outcome?: object;
  shortage?: object;
  blocked?: object;
  budgets: readonly MemberBudget[];
}

/** The page's data: the operations with their prices, a form with a new nonce, and what came of it. */
export function usePage(
  operations: readonly PricedOperation[],
  groups: readonly OperationGroup[],
  form: FormState,
  result: UseResult,
) {
  return {
    groups: grouped(operations.map(shownOperation), groups),
    form,
    nonce: randomUUID(),
    ...result,
  };
}

function shownOperation(operation: PricedOperation) {
  return {
    code: operation.code,
    name: operation.name,
    description: operation.description,
    prices: operation.rule.components.flatMap(priceTexts),
    quantity_label: `Quantity, in ${plural(operation.unit, 2)}`,
    example_quantity: '1',
  };
}

/** What is in no group comes last; a list without groups is one without a title. */
function grouped<Shown extends { code: string }>(
  operations: readonly Shown[],
  groups: readonly OperationGroup[],
): { title: string; operations: readonly Shown[] }[] {
  const rest = operations.filter(
    ({ code }) => !groups.some((one) => one.operations.includes(code)),
  );
  return [
    ...groups.map((group) => ({
      title: group.title,
      operations: operations.filter(({ code }) => group.operations.includes(code)),
    })),
    { title: groups.length === 0 ? '' : 'Other', operations: rest },
  ].filter((group) => group.operations.length > 0);
}

/** What a 402 says: needed, available, missing, and where to buy and come back from. */
export function shortageOf(
  outcome: Extract<SpendOutcome, { outcome: 'insufficient_credits' }>,
  base: string,
  values: FormState['values'],
) {
  const { operation = '', quantity = '' } = values;
  const back = `${base}/use?${new URLSearchParams({ operation, quantity }).toString()}`;
  const needed = decimalCredits(outcome.required);
  return {
    title: outcome.operation.name,
    needed_micro: outcome.required,
    available_micro: outcome.available,
    missing_micro: outcome.missing,
    buy_href: `${base}/buy/run-out?${new URLSearchParams({ needed, back }).toString()}`,
  };
}

/** What a budget that refuses says: which it is, how it stands, and when it starts anew. */
export function blockedOf(
  outcome: Extract<SpendOutcome, { outcome: 'budget_reached' }>,
  personId: string,
) {
  const { subject, period } = outcome.blocked_by;
  return {
    title: outcome.operation.name,
    whose: subject === `member:${personId}` ? 'Your budget' : (BUDGETS[subject] ?? 'A budget here'),
    every: EVERY[period],
    limit_micro: outcome.limit,
    used_micro: outcome.used,
    required_micro: outcome.required,
    resets_at: outcome.resets_at === null ? undefined : dateOf(outcome.resets_at),
  };
}

const BUDGETS: Record<string, string> = { wallet: 'The budget of the workspace' };

/** "1.00 a call", "0.50 a started minute"; with tiers "0.00 a call up to 10 a month, 0.20 a call". */
function priceTexts({ tiers, ...component }: PriceComponent): string[] {
  const text = (price: bigint): string => `${formatPrice(price)} ${perUnit(component)}`;
  const span = tiers === undefined || tiers.period === 'all' ? 'in all' : perPeriod(tiers.period);
  const bands = (tiers?.bands ?? []).map(
    ({ up_to, price_pico }) =>
      `${text(price_pico)} up to ${shortestDecimal(up_to, QUANTITY_DECIMALS)} ${span},`,
  );
  const { minimum_pico } = component;
  const least = minimum_pico === undefined ? '' : `, at least ${formatPrice(minimum_pico)}`;
  return [...bands, `${text(component.price_pico)}${least}`];
}

function perUnit(component: Omit<PriceComponent, 'tiers'>): string {
  const started = component.charge === 'per_unit' && component.label.startsWith('Started');
  const unit = started ? `started ${component.unit}` : component.unit;
  // As it is spoken: an SMS, an MB, a GB.
  return `${/^(?:[aeio]|[FHLMNRSX][A-Z])/.test(unit) ? 'an' : 'a'} ${unit}`;
}

function perPeriod(period: Exclude<Period, 'all'>): string {
  return `${period === 'hour' ? 'an' : 'a'} ${period}`;
}
