import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { MeasuredLevel } from '../core/levels.ts';
import { isManager } from '../core/roles.ts';
import { type Balance, balanceOf } from '../ledger/balances.ts';
import { levelNow } from '../ledger/levels.ts';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import { planNameOf } from './plan-name.ts';
import {
  type Connections,
  type Db,
  type Trx,
  enterWorkspace,
  inWorkspace,
  readAsPerson,
  readWorkspace,
} from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { wantsPart } from '../lib/rendering.ts';
import {
  type MemberWorkspace,
  type ShownWorkspace,
  useWorkspace,
  ownWorkspaces,
} from './workspaces.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets requests carry more
  namespace Express {
    interface Request {
      workspace?: MemberWorkspace;
      /** Whose pages are looked at by a link, without membership. */
      customer?: ShownCustomer;
      /** The workspace whose pages somebody of the staff looks at, and until when. */
      seeing?: { workspace_id: string; until: Date };
    }
  }
}

/** A product's customer, who has no account here. */
export interface ShownCustomer extends ShownWorkspace {
  email: string | null;
  /** When the link has to be opened again. */
  visit_ends_at: Date;
}

/** What the header shows of a wallet. */
export interface Purse extends MeasuredLevel {
  available_micro: bigint;
  /** The entry up to which it counts: what comes late to a page is known by it. */
  seq: bigint;
}

interface ScopeDependencies {
  connections: Connections;
  catalogue: ReadCatalogue;
}

/**
 * For pages under /w/:slug. Finds the workspace among those of the person who is signed in, so that
 * somebody else's answers 404 like one that does not exist, and gives the layout its data.
 */
export function workspaceScope({ connections, catalogue }: ScopeDependencies): RequestHandler {
  return async (req, res, next) => {
    const { user } = req;
    if (user === undefined) throw new Error('workspaceScope needs somebody who is signed in');
    const { app } = connections;
    const isPage = req.method === 'GET';
    const { workspaces, workspace, read } = await readAsPerson(app, user.id, async (trx) => {
      const workspaces = await ownWorkspaces(trx, user.id);
      const own = workspaces.find((one) => one.slug === req.params['slug']);
      const workspace = own ?? (await seenBy(trx, req));
      if (workspace === undefined) throw notFound('workspace');
      if (!isPage || readsItsOwn(req)) return { workspaces, workspace };
      const [, read] = await Promise.all([
        enterWorkspace(trx, workspace.id),
        readPurse(trx, workspace.id),
      ]);
      return { workspaces, workspace, read };
    });
    // A write for each change of workspace, not for each page.
    if (isPage && workspaces.indexOf(workspace) > 0 && !wantsPart(req)) {
      const used = { workspace_id: workspace.id, person_id: user.id };
      await inWorkspace(app, workspace.id, (trx) => useWorkspace(trx, used));
    }
    req.workspace = workspace;
    res.locals['workspace'] = workspace;
    res.locals['workspaces'] = workspaces;
    res.locals['has_business_profile'] = (await catalogue('industry')).length > 0;
    if (read !== undefined) keepRead(res, read);
    next();
  };
}

/** The workspace that staff look at, as a member sees it who manages nothing. */
async function seenBy(trx: Trx, { seeing, params }: Request): Promise<MemberWorkspace | undefined> {
  if (seeing === undefined) return undefined;
  await enterWorkspace(trx, seeing.workspace_id);
  const found = await trx
    .selectFrom('workspaces')
    .select(['id', 'name', 'slug', 'kind', 'currency', 'time_zone'])
    .where('id', '=', seeing.workspace_id)
    .where('slug', '=', String(params['slug']))
    .where('kind', '<>', 'external')
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return found && { ...found, base: `/w/${found.slug}`, role: 'member', unread_alerts: 0 };
}

/** The overview reads the balance with all else that it shows, a stream with those of all streams. */
export function readsItsOwn({ path }: Request): boolean {
  return path === '/' || path === '/live';
}

interface ReadPurse {
  balance: Balance;
  purse: Purse;
  /** Of the plan that the workspace is on. */
  plan_name: string | undefined;
}

/** What was read for pages that change nothing, and so need not read it again. */
const balances = new WeakMap<Response, Balance>();

function keepRead(res: Response, { balance, purse, plan_name }: ReadPurse): void {
  Object.assign(res.locals, { purse, plan_name });
  if (res.req.method === 'GET') balances.set(res, balance);
}

/** The balance for the header: read anew, unless it was read already for a page that changes nothing. */
export async function refreshPurse(
  connections: Connections,
  res: Response,
  workspaceId: string,
): Promise<Balance> {
  const known = balances.get(res);
  if (known !== undefined) return known;
  const read = await readWorkspace(connections.app, workspaceId, (trx) =>
    readPurse(trx, workspaceId),
  );
  keepRead(res, read);
  return read.balance;
}

/** The balance of a workspace's live wallet, and what the header shows of it. */
export async function readPurse(db: Db, workspaceId: string): Promise<ReadPurse> {
  const [balance, plan_name] = await Promise.all([
    balanceOf(db, workspaceId),
    planNameOf(db, workspaceId),
  ]);
  if (balance === undefined) throw new Error(`workspace ${workspaceId} has no wallet`);
  return { balance, purse: purseOf(balance, await levelNow(db, balance)), plan_name };
}

export function purseOf({ available_micro, last_seq }: Balance, level: MeasuredLevel): Purse {
  return { available_micro, seq: last_seq, ...level };
}

/**
 * Lets only owners and admins of the workspace through.
 * @throws AppError 403 `role` with the sentence
 */
export function managersOnly(sentence: string): RequestHandler {
  return (req, _res, next) => {
    if (!isManager(scopeOf(req).workspace.role)) throw new AppError(403, 'role', sentence);
    next();
  };
}

/** The workspace that `workspaceScope` found, and the person who asks. */
export function scopeOf(req: Request): { workspace: MemberWorkspace; person: Express.User } {
  const { workspace, user } = req;
  if (workspace === undefined || user === undefined) {
    throw new Error('this route is not mounted under a workspace');
  }
  return { workspace, person: user };
}

/** The workspace whose pages these are, for a member or for a customer. */
export function shownIn(req: Request): ShownWorkspace {
  const shown = req.workspace ?? req.customer;
  if (shown === undefined) throw new Error('this route is mounted under no workspace');
  return shown;
}

/**
 * The id that a path names. What is no id is nobody's.
 * @throws AppError 404
 */
export function idIn(req: Request, name: string, what: string): string {
  const id = z.uuid().safeParse(req.params[name]);
  if (!id.success) throw notFound(what);
  return id.data;
}
