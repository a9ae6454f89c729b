import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { decimalCredits } from '../core/credits.ts';
import type { Period } from '../core/periods.ts';
import { setBudget } from '../ledger/budgets.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Actor, type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';

/** What a key may do. */
export const SCOPES = [
  'balance:read',
  'entries:read',
  'usage:read',
  'prices:read',
  'quotes:write',
  'debits:write',
  'holds:write',
  'refunds:write',
  'grants:write',
  'customers:read',
  'customers:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Only a key of the service may have these: with them a workspace would give itself credits. */
const SERVICE_SCOPES: ReadonlySet<Scope> = new Set([
  'grants:write',
  'customers:read',
  'customers:write',
]);

/** What a key of this workspace, or for null one of the service, may be allowed at most. */
export function scopesFor(workspaceId: string | null): readonly Scope[] {
  return workspaceId === null ? SCOPES : SCOPES.filter((scope) => !SERVICE_SCOPES.has(scope));
}

/** A key of the API, as the requests that present it need it. */
export interface ApiKey {
  id: string;
  livemode: boolean;
  scopes: ReadonlySet<string>;
  expires_at: Date | null;
  /** It was revoked, or who made it or its workspace was deactivated. */
  revoked: boolean;
  /** Somebody paused it, and may resume it. */
  paused: boolean;
  /** Undefined for a key of the service, which acts on all wallets. */
  own: { workspace_id: string; wallet_id: string } | undefined;
}

export interface NewApiKey {
  /** Of a form that may be sent twice. */
  id?: string | undefined;
  name: string;
  /** The workspace whose wallet it acts on; null for a key of the service. */
  workspace_id: string | null;
  livemode: boolean;
  scopes: readonly Scope[];
  expires_at?: Date | undefined;
  /** The person who makes it; nobody at the command line. */
  created_by?: string | undefined;
  /** How much a key of a workspace may spend in each window. */
  budget?: { period: Period; limit_amount: bigint } | undefined;
  origin?: Origin | undefined;
}

const KEY = /^(scrip_(?:live|test)_[0-9a-f]{12})_[\w-]{43}$/;

/**
 * Makes a key and returns it, this once: what is stored is its hash. The transaction names the
 * workspace, or none for a key of the service.
 * @throws AppError 409 when a key with the id was made before
 */
export async function createApiKey(
  trx: Trx,
  { workspace_id, livemode, ...key }: NewApiKey,
): Promise<MadeApiKey> {
  const allowed = scopesFor(workspace_id);
  const above = key.scopes.find((scope) => !allowed.includes(scope));
  if (above !== undefined) throw new Error(`${above} is for keys of the service only`);
  const id = key.id ?? newId();
  const prefix = `scrip_${livemode ? 'live' : 'test'}_${randomBytes(6).toString('hex')}`;
  const secret = `${prefix}_${randomBytes(32).toString('base64url')}`;
  const added = await trx
    .insertInto('api_keys')
    .values({
      ...{ id, workspace_id, livemode, prefix },
      name: key.name,
      hash: Buffer.from(digestOf(secret), 'hex'),
      scopes: [...key.scopes],
      expires_at: key.expires_at ?? null,
      created_by: key.created_by ?? null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) throw madeBefore();
  await limitSpending(trx, workspace_id, livemode, id, key.budget);
  await audit(trx, {
    ...(workspace_id === null ? {} : { workspace_id }),
    actor: actorOf(key.created_by),
    action: 'api_key.created',
    subject: { kind: 'api_key', id },
    after: { prefix, livemode, ...told(key) },
    ...(key.origin === undefined ? {} : { origin: key.origin }),
  });
  return { id, prefix, secret };
}

export interface MadeApiKey {
  id: string;
  prefix: string;
  secret: string;
}

function told({ name, scopes, expires_at, budget }: Omit<NewApiKey, 'workspace_id' | 'livemode'>) {
  const { period, limit_amount } = budget ?? {};
  const limit = limit_amount === undefined ? undefined : decimalCredits(limit_amount);
  return { name, scopes, expires_at, budget: limit === undefined ? undefined : { period, limit } };
}

async function limitSpending(
  trx: Trx,
  workspaceId: string | null,
  livemode: boolean,
  api_key: string,
  budget: NewApiKey['budget'],
): Promise<void> {
  if (budget === undefined) return;
  if (workspaceId === null) throw new Error('a key of the service has no one wallet to limit');
  const walletId = await walletIdOf(trx, workspaceId, livemode);
  await setBudget(trx, walletId, {
    of: { api_key },
    of_something_new: true,
    hard: true,
    ...budget,
  });
}

function madeBefore(): AppError {
  return new AppError(
    409,
    'key_exists',
    'This key was made before, and shown that once. Nothing was made now.',
  );
}

/** Ends a key for good, in every process at once. Says whether there was one to end. */
export async function revokeApiKey(
  trx: Trx,
  { prefix, ...by }: { prefix: string; revoked_by?: string | undefined; origin?: Origin },
): Promise<boolean> {
  const revoked = await trx
    .updateTable('api_keys')
    .set({ revoked_at: new Date() })
    .where('prefix', '=', prefix)
    .where('revoked_at', 'is', null)
    .returning(['id', 'workspace_id'])
    .executeTakeFirst();
  if (revoked === undefined) return false;
  await audit(trx, {
    ...(revoked.workspace_id === null ? {} : { workspace_id: revoked.workspace_id }),
    actor: actorOf(by.revoked_by),
    action: 'api_key.revoked',
    subject: { kind: 'api_key', id: revoked.id },
    ...(by.origin === undefined ? {} : { origin: by.origin }),
  });
  return true;
}

/**
 * Refuses requests with a key of a workspace until it is resumed, in every process at once, or takes
 * them again. Nothing is to do for a key that is so already, or revoked.
 */
export async function pauseApiKey(
  trx: Trx,
  id: string,
  { paused, by }: { paused: boolean; by: { person_id: string; origin: Origin } },
): Promise<void> {
  const changed = await trx
    .updateTable('api_keys')
    .set({ paused_at: paused ? new Date() : null })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('paused_at', paused ? 'is' : 'is not', null)
    .returning('workspace_id')
    .executeTakeFirst();
  if (changed === undefined) return;
  await audit(trx, {
    ...(changed.workspace_id === null ? {} : { workspace_id: changed.workspace_id }),
    actor: actorOf(by.person_id),
    action: paused ? 'api_key.paused' : 'api_key.resumed',
    subject: { kind: 'api_key', id },
    origin: by.origin,
  });
}

/** Whose key has this prefix: the workspace, or null for the service; undefined when nobody's. */
export async function ownerOfApiKey(
  db: Db,
  prefix: string,
): Promise<{ workspace_id: string | null } | undefined> {
  return db
    .selectFrom('api_keys')
    .select('workspace_id')
    .where('prefix', '=', prefix)
    .executeTakeFirst();
}

/**
 * The names of keys by their ids, revoked ones too.
 * @param db one that sees the keys of a workspace: those of the service are not among them
 * @param ids or a query for them
 */
export async function apiKeyNames(
  db: Db,
  ids: readonly string[] | RawBuilder<string>,
): Promise<Map<string, string>> {
  if ('length' in ids && ids.length === 0) return new Map();
  const found = await db
    .selectFrom('api_keys')
    .select(['id', 'name'])
    .where('id', '=', sql<string>`any(${ids})`)
    .where('workspace_id', 'is not', null)
    .execute();
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** What a presented key is remembered by, so that the key itself is not. */
export function digestOf(presented: string): string {
  return hash('sha256', presented, 'hex');
}

/**
 * Finds a key by its prefix and compares the whole; undefined when there is no such key.
 * @param db one that sees the keys of all workspaces
 */
export async function findApiKey(db: Db, presented: string): Promise<ApiKey | undefined> {
  const prefix = KEY.exec(presented)?.[1];
  if (prefix === undefined) return undefined;
  const row = await db
    .selectFrom('api_keys as k')
    .leftJoin('people as p', 'p.id', 'k.created_by')
    .leftJoin('workspaces as s', 's.id', 'k.workspace_id')
    .leftJoin('wallets as w', (join) =>
      join.onRef('w.workspace_id', '=', 'k.workspace_id').onRef('w.livemode', '=', 'k.livemode'),
    )
    .select(['k.id', 'k.workspace_id', 'k.livemode', 'k.hash', 'k.scopes', 'k.expires_at'])
    .select([
      'k.revoked_at',
      'k.paused_at',
      'p.deactivated_at as maker_deactivated_at',
      'w.id as wallet_id',
    ])
    .select('s.deactivated_at as workspace_deactivated_at')
    .where('k.prefix', '=', prefix)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const digest = Buffer.from(digestOf(presented), 'hex');
  if (row.hash.length !== digest.length || !timingSafeEqual(row.hash, digest)) return undefined;
  const { workspace_id, wallet_id } = row;
  return {
    id: row.id,
    livemode: row.livemode,
    scopes: new Set(row.scopes),
    expires_at: row.expires_at,
    revoked:
      row.revoked_at !== null ||
      row.maker_deactivated_at !== null ||
      row.workspace_deactivated_at !== null,
    paused: row.paused_at !== null,
    own: workspace_id === null || wallet_id === null ? undefined : { workspace_id, wallet_id },
  };
}

function actorOf(personId: string | undefined): Actor {
  return personId === undefined ? { kind: 'system' } : { kind: 'person', id: personId };
}
