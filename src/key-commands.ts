/** What the command line does with keys of the API. */
import type { z } from 'zod';
import type { Config } from './config.ts';
import { type Db, type Trx, inWorkspace } from './lib/database.ts';
import { openDatabase } from './open-database.ts';
import { nameField } from './people/fields.ts';
import { type Running, say } from './program.ts';
import {
  type Scope,
  createApiKey,
  ownerOfApiKey,
  revokeApiKey,
  scopesFor,
} from './workspaces/api-keys.ts';
import { findAccount } from './workspaces/customers.ts';

interface KeyValues {
  name?: string | undefined;
  workspace?: string | undefined;
  test?: boolean | undefined;
  scopes?: string | undefined;
}

export async function createKey(
  running: Running,
  config: Config,
  values: KeyValues,
): Promise<void> {
  if (values.name === undefined) throw new Error('create-key needs --name NAME.');
  const name = fitting(nameField, values.name);
  const slug = values.workspace;
  const scopes = scopesOf(values.scopes, scopesFor(slug ?? null));
  const { app, staff } = await openDatabase(running, config);
  const workspace_id = slug === undefined ? null : await workspaceIdOf(staff, slug);
  const livemode = values.test !== true;
  const { secret } = await inTransactionOf(app, workspace_id, (trx) =>
    createApiKey(trx, { name, workspace_id, livemode, scopes }),
  );
  say(`This key is shown only now. Keep it where secrets are kept:\n${secret}`);
}

export async function revokeKey(
  running: Running,
  config: Config,
  prefix: string | undefined,
): Promise<void> {
  if (prefix === undefined) throw new Error('revoke-key needs --prefix PREFIX.');
  const { app, staff } = await openDatabase(running, config);
  const owner = await ownerOfApiKey(staff, prefix);
  if (owner === undefined) throw new Error(`There is no key that begins with ${prefix}.`);
  const revoked = await inTransactionOf(app, owner.workspace_id, (trx) =>
    revokeApiKey(trx, { prefix }),
  );
  say(revoked ? `${prefix} is revoked.` : `${prefix} was revoked before.`);
}

/** What belongs to a workspace is written as that workspace; what is the service's, as nobody. */
function inTransactionOf<Result>(
  db: Db,
  workspaceId: string | null,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  if (workspaceId === null) return db.transaction().execute(work);
  return inWorkspace(db, workspaceId, work);
}

/** All that are allowed, if none is named. */
function scopesOf(text: string | undefined, allowed: readonly Scope[]): readonly Scope[] {
  if (text === undefined) return allowed;
  return text.split(',').map((word) => {
    const scope = allowed.find((one) => one === word.trim());
    if (scope === undefined)
      throw new Error(`There is no scope ${word} for it, but ${allowed.join(', ')}.`);
    return scope;
  });
}

export async function workspaceIdOf(db: Db, slug: string): Promise<string> {
  const account = await findAccount(db, { slug }, true);
  if (account === undefined) throw new Error(`There is no workspace ${slug}.`);
  return account.workspace_id;
}

/** @throws Error that says why the text does not fit */
export function fitting(field: z.ZodType<string>, text: string): string {
  const parsed = field.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join(' '));
}
