import { sql } from 'kysely';
import type { Version } from '../core/versions.ts';
import { Cache } from './cache.ts';
import {
  type Change,
  type Changed,
  type ChangedBy,
  type NextVersion,
  type Told,
  changeVersion,
} from './changes.ts';
import type { Database, Db, Trx } from './database.ts';

export type CatalogueKind = Database['catalogue_versions']['kind'];

/** What the seller says of something, whose content the feature reads that it is of. */
export interface CatalogueItem {
  kind: CatalogueKind;
  code: string;
  active: boolean;
  content: unknown;
}

export interface CatalogueVersion extends CatalogueItem, Version {
  made_by: string;
  created_at: Date;
}

/** What is in force of a kind, in the order of the codes. */
export type ReadCatalogue = (kind: CatalogueKind) => Promise<readonly CatalogueItem[]>;

/** A change is in force everywhere this long after it became valid. */
const KEPT_MILLISECONDS = 1_000;

/**
 * Reads what is in force, all kinds at once and at most once a second in each process.
 * @param db one that is not needed by who asks, who may be inside a transaction
 */
export function catalogueReader(db: Db): ReadCatalogue {
  const cache = new Cache<readonly CatalogueItem[]>({ size: 1, milliseconds: KEPT_MILLISECONDS });
  return async (kind) => {
    const items = (await cache.get('all', () => itemsNow(db))) ?? [];
    return items.filter((item) => item.kind === kind && item.active);
  };
}

/** What is in force of each item, retired or not: to be selected from. */
export const CATALOGUE_NOW = sql<CatalogueItem>`(
  select distinct on (kind, code) kind, code, active, content from catalogue_versions
  where valid_from <= now() order by kind, code, valid_from desc, version desc)`;

async function itemsNow(db: Db): Promise<CatalogueItem[]> {
  return db.selectFrom(CATALOGUE_NOW.as('c')).selectAll().execute();
}

/** What is in force of one item that is in use, to the moment. */
export async function itemInUse(
  db: Db,
  kind: CatalogueKind,
  code: string,
): Promise<CatalogueItem | undefined> {
  return db
    .selectFrom(CATALOGUE_NOW.as('c'))
    .selectAll()
    .where('kind', '=', kind)
    .where('code', '=', code)
    .where('active', '=', sql<boolean>`true`)
    .executeTakeFirst();
}

/** All versions of all items, of a kind, or of one item by its code. */
export async function catalogueVersions(
  db: Db,
  kind?: CatalogueKind,
  code?: string,
): Promise<CatalogueVersion[]> {
  const { rows } = await sql<CatalogueVersion>`
    select kind, code, version, valid_from, active, content, made_by, created_at
    from catalogue_versions
    where (${kind ?? null}::text is null or kind = ${kind ?? null}) and (${code ?? null}::text is null or code = ${code ?? null})
    order by kind, code, version`.execute(db);
  return rows;
}

/** Adds an item. Leaves one alone that is there already. Returns whether it was added. */
export function addCatalogueItem(
  trx: Trx,
  item: CatalogueItem & Pick<ChangedBy, 'made_by'> & { valid_from?: Date | undefined },
): Promise<boolean> {
  return addVersion(trx, item, { ...item, after_version: 0 });
}

/**
 * Changes an item, from now on or a later moment.
 * @param tell writes a content as people read it, for the audit
 * @returns `changed_meanwhile` when the version that the change comes after is not the newest
 */
export async function changeCatalogueItem(
  trx: Trx,
  item: CatalogueItem,
  change: Change,
  tell: (item: CatalogueItem) => Told,
): Promise<Changed> {
  const { kind, code } = item;
  const changing = {
    ...{ subject: { kind, id: code }, terms: item, tell },
    versions: await catalogueVersions(trx, kind, code),
    add: (next: NextVersion) => addVersion(trx, item, next),
  };
  return changeVersion(trx, changing, change);
}

/** Two at once make the same version, so that one of them does not. */
async function addVersion(
  trx: Trx,
  { kind, code, active, content }: CatalogueItem,
  { after_version, valid_from, made_by }: NextVersion,
): Promise<boolean> {
  const added = await trx
    .insertInto('catalogue_versions')
    .values({
      ...{ kind, code, active, made_by, version: after_version + 1 },
      valid_from: valid_from ?? sql<Date>`now()`,
      content: JSON.stringify(content),
    })
    .onConflict((conflict) => conflict.columns(['kind', 'code', 'version']).doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}
