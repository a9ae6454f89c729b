import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseDecimal } from '../core/decimal.ts';
import { type PriceComponent, QUANTITY_DECIMALS, formatPrice } from '../core/price-rules.ts';
import { plural } from '../lib/formatting.ts';
import type { FormState } from '../lib/forms.ts';
import type { PricedOperation } from '../pricing/price-book.ts';
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

/** The page's data: the operations with their prices, a form with a new nonce, and what came of it. */
export function usePage(
  operations: readonly PricedOperation[],
  form: FormState,
  result: { outcome?: object; shortage?: object } = {},
) {
  return {
    operations: operations.map((operation) => ({
      code: operation.code,
      name: operation.name,
      description: operation.description,
      unit: operation.unit,
      prices: operation.rule.components.map(priceText),
      quantity_label: `Quantity, in ${plural(operation.unit, 2)}`,
      example_quantity: '1',
    })),
    form,
    nonce: randomUUID(),
    ...result,
  };
}

/** What a 402 says: needed, available, missing, and where to buy. */
export function shortageOf(
  outcome: Extract<SpendOutcome, { outcome: 'insufficient_credits' }>,
  slug: string,
) {
  return {
    title: outcome.operation.name,
    needed_micro: outcome.required,
    available_micro: outcome.available,
    missing_micro: outcome.missing,
    buy_href: `/w/${slug}/buy`,
  };
}

/** "1.00 a call", "0.50 a started minute". */
function priceText(component: PriceComponent): string {
  const started = component.charge === 'per_unit' && component.label.startsWith('Started');
  const unit = started ? `started ${component.unit}` : component.unit;
  const article = /^[aeio]/i.test(unit) ? 'an' : 'a';
  return `${formatPrice(component.price_pico)} ${article} ${unit}`;
}
