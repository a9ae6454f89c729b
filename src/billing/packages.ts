import { sql } from 'kysely';
import { isCurrency, payableStep } from '../core/currencies.ts';
import { formatPricePerCredit } from '../core/money.ts';
import type { Db } from '../lib/database.ts';

/** Credits at a price: what can be ordered. */
export interface Offer {
  /** Of the package; null for an amount of the buyer's own choice. */
  id: string | null;
  code: string;
  name: string;
  credits_micro: bigint;
  bonus_micro: bigint;
  price_minor: bigint;
  currency: string;
  expires_after_days: number | null;
  bonus_expires_after_days: number | null;
}

/** Credits sold once, at its price in one currency. */
export interface Package extends Offer {
  id: string;
  popular: boolean;
}

/** The packages on sale in a currency, in the seller's order. */
export async function packagesOnSale(db: Db, currency: string): Promise<Package[]> {
  return selectPackages(db, currency).orderBy('p.position').orderBy('p.code').execute();
}

/** One package on sale by its code. The catalogue alone decides what is paid for it. */
export async function findPackage(
  db: Db,
  code: string,
  currency: string,
): Promise<Package | undefined> {
  return selectPackages(db, currency).where('p.code', '=', code).executeTakeFirst();
}

/** The same by its id. */
export async function findPackageById(
  db: Db,
  id: string,
  currency: string,
): Promise<Package | undefined> {
  return selectPackages(db, currency).where('p.id', '=', id).executeTakeFirst();
}

/** A price that can be paid as it is. Throws for another one, which nobody may put on sale. */
export function payable(minor: bigint, currency: string): bigint {
  if (!isCurrency(currency)) throw new Error(`there is no currency ${currency}`);
  if (minor > 0n && minor % payableStep(currency) === 0n) return minor;
  throw new Error(`${minor} minor units of ${currency} cannot be paid`);
}

/** The package that costs least a credit, when that makes a difference. */
export function betterValueOf(packages: readonly Package[]): string | undefined {
  const prices = packages.map((one) => pricePerCredit(one));
  if (new Set(prices).size < 2) return undefined;
  const [best] = [...packages].sort((one, other) => {
    // a/b < c/d without dividing.
    const difference = one.price_minor * allCredits(other) - other.price_minor * allCredits(one);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
  return best?.code;
}

function pricePerCredit(one: Package): string {
  return formatPricePerCredit(one.price_minor, one.currency, allCredits(one));
}

/** What a package gives, with its bonus. */
export function allCredits(one: Pick<Package, 'credits_micro' | 'bonus_micro'>): bigint {
  return one.credits_micro + one.bonus_micro;
}

/** Of each package the version that holds now. */
export const PACKAGES_NOW = sql<PackageNow>`(
  select distinct on (v.package_id) p.id, p.code, v.version, v.name, v.credits as credits_micro,
    v.bonus as bonus_micro, v.popular, v.position, v.active, v.expires_after_days,
    v.bonus_expires_after_days
  from packages p join package_versions v on v.package_id = p.id
  where v.valid_from <= now() order by v.package_id, v.valid_from desc, v.version desc)`;

type PackageNow = Omit<Package, 'price_minor' | 'currency'> & {
  version: number;
  position: number;
  active: boolean;
};

function selectPackages(db: Db, currency: string) {
  return db
    .selectFrom(PACKAGES_NOW.as('p'))
    .innerJoin('package_prices as r', (join) =>
      join.onRef('r.package_id', '=', 'p.id').onRef('r.version', '=', 'p.version'),
    )
    .select(['p.id', 'p.code', 'p.name', 'p.credits_micro', 'p.bonus_micro'])
    .select(['r.price_minor', 'r.currency', 'p.popular'])
    .select(['p.expires_after_days', 'p.bonus_expires_after_days'])
    .where('p.active', '=', sql<boolean>`true`)
    .where('r.currency', '=', currency);
}
