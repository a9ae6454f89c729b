import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { currencyDecimals } from '../../core/currencies.ts';
import { promoCredits } from '../../core/promo-codes.ts';
import { currencyName, currencySign, writtenMoney } from '../../core/money.ts';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import type { FormState } from '../../lib/forms.ts';
import { sendPage } from '../../lib/rendering.ts';
import { refreshPurse, shownIn } from '../../workspaces/scope.ts';
import { mayBuy } from './buyers.ts';
import { autoTopUpInShort } from '../auto-top-up/page.ts';
import { type Catalogue, catalogueIn } from './catalogue.ts';
import { type FreeAmountOnSale, OWN_AMOUNT } from '../free-amounts.ts';
import { type Package, betterValueOf } from '../packages.ts';
import type { PromoCode } from '../promo-codes.ts';
import type { PaymentProvider } from '../provider.ts';
import { sellerOf } from '../seller.ts';
import { returnPath } from './return-paths.ts';

/** What a link to a package names. */
const linkedPackage = z.string().regex(/^[\w.-]{1,100}$/);
const currency = z.string().regex(/^[A-Z]{3}$/, 'Choose a currency.');

/** What the form of the page sends. An amount counts when "Another amount" is chosen. */
export const BuyForm = z.object({
  package: z.string('Choose a package.').regex(/^[\w.-]{1,100}$/, 'Choose a package.'),
  amount: z.string().max(40, 'Enter an amount in digits.').optional(),
  currency: currency.optional(),
  promo: z.string().trim().max(60, 'No code is as long.').default(''),
  /** Where the buyer goes on afterwards; what is no page of the workspace is left out. */
  back: z.string().optional(),
  /** Which button: Apply, or Pay. */
  do: z.enum(['promo', 'pay']).optional(),
  nonce: z.uuid('This form is too old. Send it again.'),
});

export interface BuyOptions {
  cancelled?: boolean;
  status?: number;
  /** The code that is applied. */
  promo?: PromoCode | undefined;
}

/** Answers with the page: empty, or with what a refused form said. */
export async function sendBuy(
  req: Request,
  res: Response,
  { connections, provider }: { connections: Connections; provider: PaymentProvider },
  form: FormState,
  options: BuyOptions = {},
): Promise<void> {
  const workspace = shownIn(req);
  await refreshPurse(connections, res, workspace.id);
  const wanted = currency.safeParse(form.values['currency'] ?? req.query['currency']).data;
  const isForManagers = req.workspace !== undefined && req.workspace.role !== 'member';
  const [catalogue, seller, terms] = await inWorkspace(
    connections.app,
    workspace.id,
    async (trx) => [
      await catalogueIn(trx, workspace.currency, wanted),
      await sellerOf(trx),
      await autoTopUpInShort(trx, workspace.id, provider),
    ],
  );
  // An order that Stripe did not answer keeps its nonce, so that sending it again goes on with it.
  const nonce = options.status === 503 ? form.values['nonce'] : undefined;
  const data = {
    ...shownCatalogue(catalogue, options.promo),
    promo: options.promo && shownPromo(options.promo),
    promo_text: options.promo?.code ?? form.values['promo'] ?? '',
    selected: form.values['package'] ?? linkedPackage.safeParse(req.query['package']).data ?? '',
    amount: form.values['amount'] ?? '',
    nonce: nonce ?? randomUUID(),
    off_reason: provider.mode === 'off' ? provider.reason : undefined,
    simulated: provider.mode === 'simulated',
    by_transfer: seller.bank.length > 0,
    before_tax: provider.mode !== 'off' && provider.automaticTax,
    cancelled: options.cancelled ?? false,
    may_buy: mayBuy(req),
    back: returnPath(workspace.base, form.values['back'] ?? req.query['back']),
    auto_top_up: isForManagers ? { terms } : undefined,
    form,
  };
  sendPage(req, res, 'billing/buy', data, options.status);
}

function shownPromo({ code, credits, percent, packages, expires_after_days }: PromoCode) {
  const adds_micro = credits ?? undefined;
  const for_own = packages === null || packages.includes(OWN_AMOUNT);
  return { code, adds_micro, percent: percent ?? 0, expires_after_days, for_own };
}

function shownCatalogue(
  { packages, free, currencies, ...catalogue }: Catalogue,
  promo: PromoCode | undefined,
) {
  const better = betterValueOf(packages);
  return {
    currency: catalogue.currency,
    currency_name: currencyName(catalogue.currency),
    currencies: currencies.length > 1 ? currencies : [],
    packages: packages.map((one) => ({
      ...shownPackage(one, better),
      promo_micro: promo === undefined ? 0n : addedBy(promo, one),
    })),
    free: free === undefined ? undefined : shownFreeAmount(free),
  };
}

function addedBy(promo: PromoCode, { code, credits_micro }: Package): bigint {
  const isForIt = promo.packages === null || promo.packages.includes(code);
  return isForIt ? promoCredits(promo, credits_micro) : 0n;
}

function shownPackage(one: Package, better: string | undefined) {
  return {
    ...one,
    better_value: one.code === better,
    expires_note: expiryNoteOf(one.expires_after_days),
  };
}

function shownFreeAmount(free: FreeAmountOnSale) {
  const { currency: code, minimum_minor, price_per_credit_micro, expires_after_days } = free;
  return {
    ...free,
    code: OWN_AMOUNT,
    sign: currencySign(code),
    // 10^-6 of the unit for one credit is as many units for a million credits.
    price_of_million_minor: price_per_credit_micro * 10n ** BigInt(currencyDecimals(code)),
    example: writtenMoney(minimum_minor, code),
    expires_note: expiryNoteOf(expires_after_days),
  };
}

function expiryNoteOf(days: number | null): string | undefined {
  if (days === null) return undefined;
  return days === 365 ? 'good for a year' : `good for ${days} days`;
}
