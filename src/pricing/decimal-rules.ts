import { z } from 'zod';
import { parseDecimal, shortestDecimal } from '../core/decimal.ts';
import { PERIODS } from '../core/periods.ts';
import {
  PRICE_DECIMALS,
  type PriceComponent,
  QUANTITY_DECIMALS,
  type Tiers,
} from '../core/price-rules.ts';

/** A price of this many credits a unit is a slip of the pen. */
const PRICE_PICO_MAX = 10n ** 9n * 10n ** BigInt(PRICE_DECIMALS);
const QUANTITY_MAX = 10n ** 12n * 10n ** BigInt(QUANTITY_DECIMALS);

const price = decimal(PRICE_DECIMALS, { least: 0n, most: PRICE_PICO_MAX });
const quantity = decimal(QUANTITY_DECIMALS, { least: 1n, most: QUANTITY_MAX });
const words = z.string().min(1).max(100);

const DecimalTiers = z.strictObject({
  period: z.enum(PERIODS),
  mode: z.enum(['graduated', 'volume']),
  bands: z
    .array(z.strictObject({ up_to: quantity, price }))
    .min(1)
    .max(50)
    .refine(
      (bands) => bands.every(({ up_to }, index) => up_to > (bands[index - 1]?.up_to ?? 0n)),
      'Each tier ends above the one before it.',
    ),
});

const DecimalComponent = z
  .strictObject({
    code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'A code is lower case: "minute".'),
    label: words,
    unit: words,
    charge: z.enum(['flat', 'per_unit']),
    price,
    step: quantity.optional(),
    tiers: DecimalTiers.optional(),
    minimum: price.optional(),
  })
  .refine(
    ({ charge, step, tiers, minimum }) =>
      charge === 'per_unit' || (step ?? tiers ?? minimum) === undefined,
    'What is charged once has no step, tiers or minimum.',
  )
  .refine(
    ({ tiers, minimum }) => tiers === undefined || minimum === undefined,
    'A component has tiers or a minimum, not both.',
  );

/**
 * The components of a price as people write them, prices and quantities in decimal strings. None:
 * the rule ends.
 */
export const DecimalComponents = z
  .array(DecimalComponent)
  .max(20)
  .refine(
    (components) => new Set(components.map(({ code }) => code)).size === components.length,
    'Each component has a code of its own.',
  )
  .refine(
    (components) => components.filter(({ tiers }) => tiers !== undefined).length <= 1,
    'One component has tiers, no more: what was used of an operation is counted once.',
  )
  .transform((components) => components.map(componentOf));

function componentOf({
  price: price_pico,
  step,
  tiers,
  minimum: minimum_pico,
  ...rest
}: z.output<typeof DecimalComponent>): PriceComponent {
  return {
    ...rest,
    price_pico,
    ...(step === undefined ? {} : { step }),
    ...(tiers === undefined ? {} : { tiers: tiersOf(tiers) }),
    ...(minimum_pico === undefined ? {} : { minimum_pico }),
  };
}

function tiersOf({ bands, ...rest }: z.output<typeof DecimalTiers>): Tiers {
  return { ...rest, bands: bands.map(({ up_to, price: price_pico }) => ({ up_to, price_pico })) };
}

/** Components as an answer or a file shows them. What was read by `DecimalComponents` comes back. */
export function decimalComponents(components: readonly PriceComponent[]) {
  return components.map(({ price_pico, step, tiers, minimum_pico, ...rest }) => ({
    ...rest,
    price: decimalPrice(price_pico),
    ...(step === undefined ? {} : { step: shortestDecimal(step, QUANTITY_DECIMALS) }),
    ...(tiers === undefined
      ? {}
      : {
          tiers: {
            period: tiers.period,
            mode: tiers.mode,
            bands: tiers.bands.map((band) => ({
              up_to: shortestDecimal(band.up_to, QUANTITY_DECIMALS),
              price: decimalPrice(band.price_pico),
            })),
          },
        }),
    ...(minimum_pico === undefined ? {} : { minimum: decimalPrice(minimum_pico) }),
  }));
}

export function decimalPrice(pricePico: bigint): string {
  return shortestDecimal(pricePico, PRICE_DECIMALS);
}

function decimal(decimals: number, { least, most }: { least: bigint; most: bigint }) {
  return z.string().transform((text, context): bigint => {
    const value = parseDecimal(text, decimals);
    if (value !== undefined && value >= least && value <= most) return value;
    context.addIssue(`Give a decimal string with at most ${decimals} decimals, as "0.25".`);
    return z.NEVER;
  });
}
