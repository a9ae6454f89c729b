import { sql } from 'kysely';
import { z } from 'zod';
import { decimalCredits } from '../core/credits.ts';
import { formatMoney } from '../core/money.ts';
import type { Version } from '../core/versions.ts';
import {
  type Change,
  type Changed,
  type NextVersion,
  type Told,
  changeVersion,
} from '../lib/changes.ts';
import type { Db, Trx } from '../lib/database.ts';
import { newId } from '../lib/ids.ts';
import { payable } from './packages.ts';

/** What a version of a package says, in all currencies. */
export interface PackageTerms {
  name: string;
  credits_micro: bigint;
  bonus_micro: bigint;
  expires_after_days: number | null;
  bonus_expires_after_days: number | null;
  popular: boolean;
  position: number;
  active: boolean;
  prices: readonly PackagePrice[];
}

export interface PackagePrice {
  currency: string;
  price_minor: bigint;
}

export type NewPackage = Omit<PackageTerms, 'active'> & {
  code: string;
  active?: boolean;
  made_by: string;
  valid_from?: Date | undefined;
};

/** Puts a package on sale. Leaves one alone that is there already. Returns whether it was added. */
export async function addPackage(trx: Trx, made: NewPackage): Promise<boolean> {
  const { code, made_by, valid_from, active = true, ...terms } = made;
  const added = await trx
    .insertInto('packages')
    .values({ id: newId(), code, made_by })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return false;
  const first = { after_version: 0, valid_from, made_by };
  return addVersion(trx, added.id, { ...terms, active }, first);
}

/**
 * Sells a package by other terms, from now on or a later moment. What was ordered keeps its price.
 * @returns `changed_meanwhile` when the version that the change comes after is not the newest
 */
export async function changePackage(
  trx: Trx,
  code: string,
  terms: PackageTerms,
  change: Change,
): Promise<Changed> {
  const versions = await packageVersions(trx, code);
  const changing = {
    ...{ subject: { kind: 'package', id: code }, versions, terms, tell: toldPackage },
    add: (next: NextVersion, { id }: PackageVersion) => addVersion(trx, id, terms, next),
  };
  return changeVersion(trx, changing, change);
}

/** Two at once make the same version, so that one of them does not. */
async function addVersion(
  trx: Trx,
  package_id: string,
  terms: PackageTerms,
  { after_version, valid_from, made_by }: NextVersion,
): Promise<boolean> {
  const version = after_version + 1;
  const { name, popular, position, active } = terms;
  const { expires_after_days, bonus_expires_after_days } = terms;
  const added = await trx
    .insertInto('package_versions')
    .values({
      ...{ package_id, version, valid_from: valid_from ?? sql<Date>`now()`, made_by },
      ...{ name, credits: terms.credits_micro, bonus: terms.bonus_micro },
      ...{ expires_after_days, bonus_expires_after_days, popular, position, active },
    })
    .onConflict((conflict) => conflict.columns(['package_id', 'version']).doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) return false;
  const rows = terms.prices.map(({ currency, price_minor }) => ({
    ...{ currency, package_id, version },
    price_minor: payable(price_minor, currency),
  }));
  if (rows.length > 0) await trx.insertInto('package_prices').values(rows).execute();
  return true;
}

/** A version of a package, of which the newest that is valid is on sale. */
export interface PackageVersion extends PackageTerms, Version {
  id: string;
  code: string;
  made_by: string;
  created_at: Date;
}

/** All versions of all packages, or of one by its code. */
export async function packageVersions(db: Db, code?: string): Promise<PackageVersion[]> {
  const { rows } = await sql<Omit<PackageVersion, 'prices'> & { prices: unknown }>`
    select p.id, p.code, v.version, v.valid_from, v.name, v.credits as credits_micro,
      v.bonus as bonus_micro, v.expires_after_days, v.bonus_expires_after_days, v.popular,
      v.position, v.active, v.made_by, v.created_at, array(
        select jsonb_build_object('currency', r.currency, 'price_minor', r.price_minor::text)
        from package_prices r where r.package_id = v.package_id and r.version = v.version
        order by r.currency) as prices
    from packages p join package_versions v on v.package_id = p.id
    where ${code ?? null}::text is null or p.code = ${code ?? null}
    order by p.code, v.version`.execute(db);
  return rows.map((row) => ({ ...row, prices: StoredPrices.parse(row.prices) }));
}

const StoredPrices = z.array(
  z.object({ currency: z.string(), price_minor: z.string().transform(BigInt) }),
);

/** The terms of a package as people read them. */
export function toldPackage(terms: PackageTerms): Told {
  return {
    name: terms.name,
    credits: decimalCredits(terms.credits_micro),
    bonus: decimalCredits(terms.bonus_micro),
    expires: daysOrNever(terms.expires_after_days),
    bonus_expires: daysOrNever(terms.bonus_expires_after_days),
    popular: terms.popular ? 'yes' : 'no',
    position: String(terms.position),
    active: terms.active ? 'yes' : 'no',
    prices: toldPrices(terms.prices),
  };
}

export function toldPrices(prices: readonly PackagePrice[]): string {
  const sorted = [...prices].sort((one, other) => (one.currency < other.currency ? -1 : 1));
  return sorted.map(({ price_minor, currency }) => formatMoney(price_minor, currency)).join(', ');
}

function daysOrNever(days: number | null): string {
  return days === null ? 'never' : String(days);
}
