import type { Request } from 'express';
import type { Asked, IdempotencyKey } from '../../core/wallet.ts';
import { walletIdOf } from '../../ledger/wallets.ts';
import { readAsPerson, readWorkspace } from '../../lib/database.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import type { ApiKey, Scope } from '../../workspaces/api-keys.ts';
import { type MemberWorkspace, ownWorkspaces } from '../../workspaces/workspaces.ts';
import type { Services } from '../endpoint.ts';
import { askedBy, keyOf } from '../usage.ts';

/** Who asks, and for which wallet: a person who is signed in, or a program with a workspace's key. */
export interface Asker {
  workspace_id: string;
  wallet_id: string;
  livemode: boolean;
  /** As the ledger keeps it. */
  asked: Asked;
  /** A caller's idempotency key, kept apart from those of others. */
  keyFor: (key: string) => IdempotencyKey;
  /** Undefined for a key. */
  member: { person: Express.User; workspace: MemberWorkspace } | undefined;
}

/**
 * By the key that a request presents; else by its session, for the workspace that it names or that
 * the person used last.
 * @param scope what a key needs; undefined: no key is let through
 * @throws AppError 401 signed out or a key that is not good, 403 a key that may not, 404 a workspace
 * of others
 */
export async function askerOf(
  services: Services,
  req: Request,
  scope: Scope | undefined,
): Promise<Asker> {
  const { authorization } = req.headers;
  if (authorization !== undefined) return byKey(services, authorization, scope);
  const { user } = req;
  if (user === undefined) {
    throw new AppError(401, 'signed_out', 'Sign in, or send a key of the workspace.');
  }
  return bySession(services, user, req.query['workspace']);
}

async function byKey(
  services: Services,
  authorization: string,
  scope: Scope | undefined,
): Promise<Asker> {
  if (scope === undefined) {
    throw new AppError(403, 'person_needed', 'Only somebody who is signed in does that.');
  }
  const key: ApiKey = await services.callers.keyOf(authorization, scope);
  services.keyUses.note(key.id);
  await services.limits.take(key);
  const { own, livemode } = key;
  if (own === undefined) {
    throw new AppError(403, 'workspace_key_needed', 'Use a key of the workspace here.');
  }
  const asked = askedBy(key, undefined);
  return { ...own, livemode, asked, keyFor: (text) => keyOf(key, text), member: undefined };
}

async function bySession(
  { connections: { app } }: Services,
  person: Express.User,
  named: unknown,
): Promise<Asker> {
  const workspaces = await readAsPerson(app, person.id, (trx) => ownWorkspaces(trx, person.id));
  const workspace =
    named === undefined ? workspaces[0] : workspaces.find(({ slug }) => slug === named);
  if (workspace === undefined) throw notFound('workspace');
  const { id: workspace_id } = workspace;
  return {
    workspace_id,
    wallet_id: await readWorkspace(app, workspace_id, (trx) => walletIdOf(trx, workspace_id)),
    livemode: true,
    asked: { actor_kind: 'person', actor_id: person.id },
    keyFor: (key) => ({ namespace: 'web', key: `api ${key}` }),
    member: { person, workspace },
  };
}
