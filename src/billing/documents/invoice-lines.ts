import { z } from 'zod';
import { formatCredits } from '../../core/credits.ts';

/** One line of an invoice. Amounts are before tax, in minor units of the invoice's currency. */
export type InvoiceLine = z.output<typeof StoredLine>;

const StoredLine = z.object({
  description: z.string(),
  /** In second voice under it. */
  detail: z.string().optional(),
  amount_minor: z.string().regex(/^\d+$/).transform(BigInt),
});

export const StoredLines = z.array(StoredLine);

const micro = z.string().regex(/^\d+$/).transform(BigInt);
const days = z.number().nullable().default(null);

/** What a payment keeps of the catalogue, as far as an invoice says it. */
const Catalogue = z.looseObject({
  name: z.string(),
  credits_micro: micro.optional(),
  bonus_micro: micro.default(0n),
  expires_after_days: days,
  bonus_expires_after_days: days,
  promo: z
    .looseObject({ code: z.string(), credits_micro: micro, expires_after_days: days })
    .optional(),
});

type ReadSold = Pick<z.output<typeof Catalogue>, keyof typeof Catalogue.shape>;

/** What was sold, as the payment keeps it: the paid credits, and what came with them for nothing. */
export function linesOf(catalogue: unknown, subtotalMinor: bigint): InvoiceLine[] {
  return linesOfSold(Catalogue.parse(catalogue), subtotalMinor);
}

/** The same of what was read already. */
export function linesOfSold(sold: ReadSold, subtotalMinor: bigint): InvoiceLine[] {
  const paid = { description: sold.name, amount_minor: subtotalMinor };
  const lines: InvoiceLine[] = [
    sold.credits_micro === undefined
      ? paid
      : { ...paid, detail: creditsOf(sold.credits_micro, sold.expires_after_days) },
  ];
  if (sold.bonus_micro > 0n) {
    const detail = creditsOf(sold.bonus_micro, sold.bonus_expires_after_days);
    lines.push({ description: 'Bonus', detail, amount_minor: 0n });
  }
  if (sold.promo !== undefined) lines.push(promoLine(sold.promo));
  return lines;
}

/** What a promo code added. */
export function promoLine({
  code,
  credits_micro,
  expires_after_days,
}: NonNullable<ReadSold['promo']>): InvoiceLine {
  const detail = creditsOf(credits_micro, expires_after_days);
  return { description: `Code ${code}`, detail, amount_minor: 0n };
}

function creditsOf(amount: bigint, goodForDays: number | null): string {
  const credits = `${formatCredits(amount).replace(/\.00$/, '')} credits`;
  if (goodForDays === null) return credits;
  return `${credits}, good for ${goodForDays === 365 ? 'a year' : `${goodForDays} days`}`;
}
