import { AppError, notFound } from '../lib/errors.ts';
import { Cache } from '../lib/cache.ts';
import type { Connections } from '../lib/database.ts';
import { type ApiKey, type Scope, digestOf, findApiKey } from '../workspaces/api-keys.ts';
import { type Account, type Named, addCustomer, findAccount } from '../workspaces/customers.ts';
import { invalidField } from './fields.ts';

/** Whom a request is about, as its body names them: for keys of the service only. */
export interface Whose {
  customer?: string | undefined;
  workspace?: string | undefined;
}

/** What is read of a key or a slug is used again for so long. */
const KEY_MILLISECONDS = 5_000;
/** The ledger reads the key anew in the transaction that spends. For all else it is read anew here. */
const READ_BY_LEDGER: ReadonlySet<Scope> = new Set([
  'debits:write',
  'holds:write',
  'refunds:write',
]);
const KEYS_MAX = 10_000;
const CUSTOMERS_MAX = 100_000;

/** Who asks with which key, and whose wallet that is about. Neither costs a query when asked again. */
export class Callers {
  private readonly connections: Connections;
  private readonly currency: string;
  private readonly keys = new Cache<ApiKey>({ size: KEYS_MAX, milliseconds: KEY_MILLISECONDS });
  private readonly slugs = new Cache<Account>({ size: KEYS_MAX, milliseconds: KEY_MILLISECONDS });
  /** A customer's id names the same wallet for ever. */
  private readonly customers = new Cache<Account>({ size: CUSTOMERS_MAX, milliseconds: Infinity });

  /** @param currency of the customers that are made on first use */
  constructor(connections: Connections, currency: string) {
    this.connections = connections;
    this.currency = currency;
  }

  /**
   * The key that a request presents, good and with the scope. Without waiting when it is known and
   * the request spends, so that the body is read as it comes.
   * @throws AppError 401 `key_missing`, `key_unknown`, `key_revoked`, `key_paused`, `key_expired`; 403 `scope_missing`
   */
  keyOf(authorization: string | undefined, scope: Scope): ApiKey | Promise<ApiKey> {
    const presented = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (presented === undefined) {
      throw unauthorized('key_missing', 'Send a key of the API as "Authorization: Bearer …".');
    }
    const read = (): Promise<ApiKey | undefined> => findApiKey(this.connections.staff, presented);
    const found = READ_BY_LEDGER.has(scope) ? this.keys.get(digestOf(presented), read) : read();
    return found instanceof Promise
      ? found.then((key) => goodFor(key, scope))
      : goodFor(found, scope);
  }

  /**
   * The wallet that a request is about: the key's own, or with a key of the service that of whom the
   * body names. A customer that nobody has named before is made first where `create` says so.
   * @throws AppError 400 when the body names nobody or must not, 404 when there is no such
   */
  async accountOf(key: ApiKey, whose: Whose, create: boolean): Promise<Account> {
    const { customer, workspace } = whose;
    if (key.own !== undefined) return ownAccount(key.own, whose);
    if (customer === undefined && workspace === undefined) {
      throw invalidField('customer', 'A key of the service says whose wallet: name a customer.');
    }
    if (customer === undefined) return this.workspaceOf(key, workspace ?? '');
    if (workspace !== undefined) {
      throw invalidField('workspace', 'Name a customer or a workspace, not both.');
    }
    const found = this.customers.get(`${key.livemode ? 'live' : 'test'} ${customer}`, () =>
      this.findOrAdd(key, customer, create),
    );
    const account = found instanceof Promise ? await found : found;
    if (account !== undefined) return account;
    // Who waited for somebody who only looked, and may make one.
    if (!create) throw notFound('customer');
    return this.accountOf(key, whose, create);
  }

  private async workspaceOf(key: ApiKey, slug: string): Promise<Account> {
    const account = await this.slugs.get(`${key.livemode ? 'live' : 'test'} ${slug}`, () =>
      this.find(key, { slug }),
    );
    if (account === undefined) throw notFound('workspace');
    return account;
  }

  private async findOrAdd(
    key: ApiKey,
    external_id: string,
    create: boolean,
  ): Promise<Account | undefined> {
    const found = await this.find(key, { external_id });
    if (found !== undefined || !create) return found;
    const actor = { kind: 'api_key', id: key.id } as const;
    await this.connections.app
      .transaction()
      .execute((trx) => addCustomer(trx, { external_id, currency: this.currency, actor }));
    const added = await this.find(key, { external_id });
    // It was there and is deactivated: asking again would find it no better.
    if (added === undefined) throw notFound('customer');
    return added;
  }

  private find(key: ApiKey, named: Named): Promise<Account | undefined> {
    return findAccount(this.connections.staff, named, key.livemode);
  }
}

function goodFor(key: ApiKey | undefined, scope: Scope): ApiKey {
  if (key === undefined) throw unauthorized('key_unknown', 'There is no such key.');
  if (key.revoked) throw keyRevoked();
  if (key.paused) throw keyPaused();
  if (key.expires_at !== null && key.expires_at.getTime() <= Date.now()) {
    throw unauthorized('key_expired', 'This key has expired. Make another.');
  }
  requireScope(key, scope);
  return key;
}

/** @throws AppError 403 `scope_missing` */
export function requireScope(key: ApiKey, scope: Scope): void {
  if (key.scopes.has(scope)) return;
  throw new AppError(403, 'scope_missing', `This key may not do that. It lacks ${scope}.`, {
    scope,
  });
}

/** For a key that was ended while its request was under way, too. */
export function keyRevoked(): AppError {
  return unauthorized('key_revoked', 'This key was revoked or paused. Resume it, or make another.');
}

function keyPaused(): AppError {
  return unauthorized('key_paused', 'This key is paused. Resume it on its page.');
}

/** @throws AppError 403 for the key of a workspace, which has no customers and gives itself nothing */
export function requireService(key: ApiKey): void {
  if (key.own === undefined) return;
  throw new AppError(403, 'service_key_needed', 'Only a key of the service does that.');
}

function ownAccount(own: Account, whose: Whose): Account {
  if (whose.customer !== undefined) {
    throw invalidField('customer', "A workspace's key acts on its own wallet; leave this out.");
  }
  if (whose.workspace !== undefined) {
    throw invalidField('workspace', "A workspace's key acts on its own wallet; leave this out.");
  }
  return own;
}

function unauthorized(code: string, message: string): AppError {
  return new AppError(401, code, message);
}
