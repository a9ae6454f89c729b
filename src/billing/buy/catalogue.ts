import { sql } from 'kysely';
import { parseMoney, payableStep } from '../../core/currencies.ts';
import { faultOf } from '../../core/free-amounts.ts';
import { currencyName, formatMoney, writtenMoney } from '../../core/money.ts';
import { CATALOGUE_NOW } from '../../lib/catalogue-versions.ts';
import type { Db } from '../../lib/database.ts';
import { type FreeAmountOnSale, OWN_AMOUNT, freeAmountOnSale, offerFor } from '../free-amounts.ts';
import {
  type Offer,
  PACKAGES_NOW,
  type Package,
  findPackage,
  packagesOnSale,
} from '../packages.ts';

/** All that can be bought in one currency. */
export interface Catalogue {
  currency: string;
  /** Those in which there is something to buy: the workspace's own first, then by their codes. */
  currencies: string[];
  packages: Package[];
  free: FreeAmountOnSale | undefined;
}

/**
 * The catalogue in the currency that somebody asks for, if there is something to buy in it, else in
 * the workspace's own, else in the first there is.
 */
export async function catalogueIn(
  db: Db,
  own: string,
  wanted: string | undefined,
): Promise<Catalogue> {
  const currencies = await currenciesOnSale(db, own);
  const currency = currencyOf(currencies, own, wanted);
  const packages = await packagesOnSale(db, currency);
  return { currency, currencies, packages, free: await freeAmountOnSale(db, currency) };
}

/** What a form chose: a package by its code, or an amount as it was typed. */
export interface Choice {
  package: string;
  amount?: string | undefined;
  currency?: string | undefined;
}

export type Chosen =
  | { outcome: 'offer'; offer: Offer }
  | { outcome: 'refused'; field: 'package' | 'amount'; sentence: string };

/** What is sold for a choice now. The catalogue alone decides the price and the credits. */
export async function choose(db: Db, own: string, choice: Choice): Promise<Chosen> {
  const currencies = await currenciesOnSale(db, own);
  const { currency = currencyOf(currencies, own, undefined) } = choice;
  if (choice.package === OWN_AMOUNT) {
    return chooseAmount(await freeAmountOnSale(db, currency), choice.amount ?? '');
  }
  const offer = await findPackage(db, choice.package, currency);
  if (offer !== undefined) return { outcome: 'offer', offer };
  const sentence = 'This package is not on sale any more. Choose another.';
  return { outcome: 'refused', field: 'package', sentence };
}

function chooseAmount(free: FreeAmountOnSale | undefined, text: string): Chosen {
  if (free === undefined) {
    const sentence = 'An amount of your own is not on sale any more. Choose a package.';
    return { outcome: 'refused', field: 'package', sentence };
  }
  const amount = parseMoney(text.trim(), free.currency);
  const sentence = amount === undefined ? unreadable(free) : refusalOf(amount, free);
  if (sentence !== undefined) return { outcome: 'refused', field: 'amount', sentence };
  return { outcome: 'offer', offer: offerFor(amount ?? 0n, free) };
}

function unreadable({ currency, minimum_minor }: FreeAmountOnSale): string {
  const example = writtenMoney(minimum_minor, currency);
  return `Enter the amount in ${currencyName(currency)} in digits, as in ${example}.`;
}

function refusalOf(amountMinor: bigint, free: FreeAmountOnSale): string | undefined {
  const { currency, minimum_minor, maximum_minor } = free;
  switch (faultOf(amountMinor, free)) {
    case 'below_minimum':
      return `The least you can buy for is ${formatMoney(minimum_minor, currency)}.`;
    case 'above_maximum':
      return `The most you can buy for at once is ${formatMoney(maximum_minor, currency)}.`;
    case 'not_payable':
      return `Enter a multiple of ${formatMoney(payableStep(currency), currency)}.`;
    case undefined:
      return undefined;
  }
}

export async function currenciesOnSale(db: Db, own: string): Promise<string[]> {
  const rows = await db
    .selectFrom(PACKAGES_NOW.as('p'))
    .innerJoin('package_prices as r', (join) =>
      join.onRef('r.package_id', '=', 'p.id').onRef('r.version', '=', 'p.version'),
    )
    .select('r.currency')
    .where('p.active', '=', sql<boolean>`true`)
    .union(
      db
        .selectFrom(CATALOGUE_NOW.as('c'))
        .select('c.code as currency')
        .where('c.kind', '=', 'own_amount')
        .where('c.active', '=', sql<boolean>`true`),
    )
    .execute();
  const codes = rows.map(({ currency }) => currency).sort();
  return [...codes.filter((code) => code === own), ...codes.filter((code) => code !== own)];
}

function currencyOf(
  currencies: readonly string[],
  own: string,
  wanted: string | undefined,
): string {
  if (wanted !== undefined && currencies.includes(wanted)) return wanted;
  return currencies[0] ?? own;
}
