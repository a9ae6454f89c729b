import { z } from 'zod';
import { PERIODS } from '../core/periods.ts';
import type { PriceComponent, PriceRule, Tiers } from '../core/price-rules.ts';

/** A version of a price rule, from its row. */
export function storedRule(
  row: Omit<PriceRule, 'components'> & { components: unknown },
): PriceRule {
  return { ...row, components: StoredComponents.parse(row.components) };
}

/** Written as it is read: a rule that could not be read back is refused here. */
export function storedComponents(components: readonly PriceComponent[]): string {
  const stored = components.map(({ price_pico, step, tiers, minimum_pico, ...rest }) => ({
    ...rest,
    price: String(price_pico),
    ...(step === undefined ? {} : { step: String(step) }),
    ...(tiers === undefined ? {} : { tiers: storedTiers(tiers) }),
    ...(minimum_pico === undefined ? {} : { minimum: String(minimum_pico) }),
  }));
  StoredComponents.parse(stored);
  return JSON.stringify(stored);
}

/** Whether two prices say the same, whoever wrote them. */
export function sameComponents(
  one: readonly PriceComponent[],
  other: readonly PriceComponent[],
): boolean {
  const [first, second] = [one, other].map((components) =>
    JSON.stringify(StoredComponents.parse(JSON.parse(storedComponents(components))), asText),
  );
  return first === second;
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function storedTiers({ bands, ...rest }: Tiers): Record<string, unknown> {
  return {
    ...rest,
    bands: bands.map(({ up_to, price_pico }) => ({
      up_to: String(up_to),
      price: String(price_pico),
    })),
  };
}

const wholeNumber = z.string().regex(/^\d+$/).transform(BigInt);

const StoredTiers = z
  .object({
    period: z.enum(PERIODS),
    mode: z.enum(['graduated', 'volume']),
    bands: z.array(z.object({ up_to: wholeNumber, price: wholeNumber })).min(1),
  })
  .refine(
    ({ bands }) => bands.every(({ up_to }, index) => up_to > (bands[index - 1]?.up_to ?? 0n)),
    {
      error: 'tiers rise',
    },
  )
  .transform(({ bands, ...rest }): Tiers => {
    return { ...rest, bands: bands.map(({ up_to, price }) => ({ up_to, price_pico: price })) };
  });

const StoredComponents = z.array(
  z
    .object({
      code: z.string(),
      label: z.string(),
      unit: z.string(),
      charge: z.enum(['flat', 'per_unit']),
      price: wholeNumber,
      step: wholeNumber.optional(),
      tiers: StoredTiers.optional(),
      minimum: wholeNumber.optional(),
    })
    .refine(({ charge, tiers }) => tiers === undefined || charge === 'per_unit', {
      error: 'what is charged once has no tiers',
    })
    .transform(({ price, step, tiers, minimum, ...rest }): PriceComponent => {
      return {
        ...rest,
        price_pico: price,
        ...(step === undefined ? {} : { step }),
        ...(tiers === undefined ? {} : { tiers }),
        ...(minimum === undefined ? {} : { minimum_pico: minimum }),
      };
    }),
);
