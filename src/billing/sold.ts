import { z } from 'zod';
import type { Offer } from './packages.ts';

const wholeNumber = z.string().regex(/^\d+$/).transform(BigInt);

/** As it stands in a payment's row. */
export const StoredSold = z.object({
  package: z.string(),
  name: z.string(),
  credits_micro: wholeNumber,
  bonus_micro: wholeNumber,
  expires_after_days: z.number().nullable(),
  bonus_expires_after_days: z.number().nullable(),
  promo: z
    .object({
      code: z.string(),
      credits_micro: wholeNumber,
      expires_after_days: z.number().nullable(),
    })
    .optional(),
});

/** The part of the catalogue that a payment keeps. */
export type Sold = z.output<typeof StoredSold>;

export function soldOf(sold: Offer, promo?: Sold['promo']): z.input<typeof StoredSold> {
  return {
    package: sold.code,
    name: sold.name,
    credits_micro: String(sold.credits_micro),
    bonus_micro: String(sold.bonus_micro),
    expires_after_days: sold.expires_after_days,
    bonus_expires_after_days: sold.bonus_expires_after_days,
    ...(promo && { promo: { ...promo, credits_micro: String(promo.credits_micro) } }),
  };
}
