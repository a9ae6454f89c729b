import { z } from 'zod';
import { type TopUpTerms, CHARGE_MINOR_MAX } from '../../core/auto-top-up.ts';
import { AMOUNT_MICRO_MAX, formatCredits, parseCredits, plainCredits } from '../../core/credits.ts';
import { parseMoney } from '../../core/currencies.ts';
import { formatMoney, writtenMoney } from '../../core/money.ts';
import type { Db } from '../../lib/database.ts';
import { type Package, allCredits, findPackage } from '../packages.ts';
import { type SavedCard, nameOfCard } from './saved-cards.ts';

/** What somebody chooses before they agree to it. */
export const TermsForm = z.object({
  below: z.string().transform((text, context) => {
    const micro = parseCredits(text.trim());
    if (micro !== undefined && micro > 0n && micro <= AMOUNT_MICRO_MAX) return micro;
    context.addIssue('Give credits above 0 with at most six decimals.');
    return z.NEVER;
  }),
  package: z.string('Choose a package.').regex(/^[\w.-]{1,100}$/, 'Choose a package.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Choose a currency.'),
  limit: z.string().max(40, 'Give an amount in digits.'),
});

export const ConsentForm = TermsForm.extend({
  /** The sentence that stood beside the box. */
  shown: z.string().max(2_000).default(''),
  consent: z.literal('yes').optional().catch(undefined),
});

export interface ChosenTerms extends TopUpTerms {
  sold: Package;
}

/** What was chosen, as the catalogue has it now, or a sentence for a field. */
export async function readTerms(
  db: Db,
  chosen: z.output<typeof TermsForm>,
): Promise<ChosenTerms | { field: 'package' | 'limit'; sentence: string }> {
  const { currency } = chosen;
  const sold = await findPackage(db, chosen.package, currency);
  if (sold === undefined || sold.price_minor > CHARGE_MINOR_MAX) {
    return { field: 'package', sentence: 'This package is not on sale any more. Choose another.' };
  }
  const { price_minor } = sold;
  const limit = parseMoney(chosen.limit.trim(), currency);
  if (limit === undefined) {
    const example = writtenMoney(price_minor, currency);
    return { field: 'limit', sentence: `Give an amount in digits, as in ${example}.` };
  }
  if (limit < price_minor) {
    const sentence = `Give at least ${formatMoney(price_minor, currency)}, the price of one package.`;
    return { field: 'limit', sentence };
  }
  if (limit > CHARGE_MINOR_MAX) {
    const sentence = `Give at most ${formatMoney(CHARGE_MINOR_MAX, currency)}.`;
    return { field: 'limit', sentence };
  }
  return {
    ...{ sold, price_minor, credits_micro: allCredits(sold) },
    ...{ below_micro: chosen.below, monthly_limit_minor: limit },
  };
}

/** What somebody agrees to by ticking the box: who charges which card, how much, when, how often. */
export function consentSentence(
  { sold, price_minor, credits_micro, below_micro, monthly_limit_minor }: ChosenTerms,
  card: SavedCard,
  seller: string,
): string {
  const money = (minor: bigint): string => formatMoney(minor, sold.currency);
  const mark = formatCredits(below_micro);
  return [
    `I allow ${seller} to charge the ${nameOfCard(card)} ${money(price_minor)}`,
    `for ${plainCredits(credits_micro)} credits each time the available credits fall below ${mark},`,
    `several times that in one charge where it takes more to reach ${mark} again,`,
    `and at most ${money(monthly_limit_minor)} in a calendar month, until I turn this off.`,
    `I get an e-mail each time.`,
  ].join(' ');
}
