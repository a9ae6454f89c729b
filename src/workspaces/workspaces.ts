import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Role } from '../core/roles.ts';
import { openWallet } from '../ledger/wallets.ts';
import { audit } from '../lib/audit.ts';
import { type Db, type Trx, enterWorkspace, readAsPerson } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { type Newcomer, claimWelcome } from './welcome.ts';
import { type Welcome, grantWelcome } from './welcome-grant.ts';

export type { Role } from '../core/roles.ts';

/** A workspace as pages show it. */
export interface ShownWorkspace {
  id: string;
  name: string;
  slug: string;
  kind: 'personal' | 'team' | 'external';
  currency: string;
  time_zone: string;
  /** Where its pages are. */
  base: string;
}

/** A workspace as one of its members sees it. */
export interface MemberWorkspace extends ShownWorkspace {
  role: Role;
  /** How many alerts this member has not read, as far as the header counts them. */
  unread_alerts: number;
}

/**
 * Makes the workspace that everyone has, with its live and its test wallet and the welcome credits.
 * Runs in the transaction that makes the person: both exist, or neither.
 */
export async function createPersonalWorkspace(
  trx: Trx,
  person: Pick<Newcomer, 'id'> & Partial<Newcomer> & { name: string; time_zone: string },
  options: { currency: string; welcome: Welcome; at?: Date },
): Promise<{ workspace_id: string; wallet_id: string }> {
  const { name, time_zone } = person;
  const { currency } = options;
  const made = await addWorkspace(trx, person.id, 'personal', { name, currency, time_zone });
  const { welcome, at } = options;
  const { guard } = welcome;
  const { id, email, verified } = person;
  // Who is seeded is nobody's guess.
  const isSeeded = at !== undefined;
  if (isSeeded || guard === undefined || email === undefined || verified === undefined) {
    await grantWelcome(trx, made.wallet_id, welcome, at);
  } else {
    await claimWelcome(
      trx,
      made.workspace_id,
      { ...person, id, email, verified },
      { ...welcome, guard },
    );
  }
  return made;
}

/** What somebody who makes a workspace says of it. */
export interface NewWorkspace {
  /** Of a form that may be sent twice. */
  id?: string;
  name: string;
  currency: string;
  time_zone: string;
}

/**
 * Makes a workspace for several people, with wallets of its own, which are empty: welcome credits are
 * given once to a person, not to each workspace that a person makes. Returns its slug.
 */
export async function createTeamWorkspace(
  trx: Trx,
  personId: string,
  workspace: NewWorkspace,
): Promise<string> {
  const { slug } = await addWorkspace(trx, personId, 'team', workspace);
  return slug;
}

async function addWorkspace(
  trx: Trx,
  personId: string,
  kind: 'personal' | 'team',
  { id = newId(), name, currency, time_zone }: NewWorkspace,
): Promise<{ workspace_id: string; wallet_id: string; slug: string }> {
  await enterWorkspace(trx, id);
  const slug = slugFor(name);
  const added = await trx
    .insertInto('workspaces')
    .values({ id, kind, name, slug, currency, time_zone })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) throw madeBefore();
  await trx
    .insertInto('memberships')
    .values({ workspace_id: id, person_id: personId, role: 'owner' })
    .execute();
  const wallet = { workspace_id: id, time_zone };
  const wallet_id = await openWallet(trx, { ...wallet, livemode: true });
  await openWallet(trx, { ...wallet, livemode: false });
  await audit(trx, {
    workspace_id: id,
    actor: { kind: 'person', id: personId },
    action: 'workspace.created',
    subject: { kind: 'workspace', id },
    after: { kind },
  });
  return { workspace_id: id, wallet_id, slug };
}

const UNREAD_MAX = 100;

function madeBefore(): AppError {
  const sentence = 'This workspace was made a moment ago. It is in the list of your workspaces.';
  return new AppError(409, 'workspace_exists', sentence);
}

/** The workspaces of a person: the one that was used last first, before any was the personal one. */
export async function workspacesOf(db: Db, personId: string): Promise<MemberWorkspace[]> {
  return readAsPerson(db, personId, (trx) => ownWorkspaces(trx, personId));
}

/** As `workspacesOf`, in a transaction that has entered as the person. */
export async function ownWorkspaces(trx: Trx, personId: string): Promise<MemberWorkspace[]> {
  const found = await trx
    .selectFrom('memberships as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['w.id', 'w.name', 'w.slug', 'w.kind', 'w.currency', 'w.time_zone', 'm.role'])
    .select(
      sql<number>`(select count(*)::int from (
          select from alert_notices n where n.person_id = m.person_id
            and n.workspace_id = w.id and n.read_at is null limit ${UNREAD_MAX}) unread)`.as(
        'unread_alerts',
      ),
    )
    .where('m.person_id', '=', personId)
    .where('w.deactivated_at', 'is', null)
    .orderBy('m.last_used_at', (order) => order.desc().nullsLast())
    .orderBy('w.kind')
    .orderBy('w.name')
    .execute();
  return found.map((workspace) => ({ ...workspace, base: `/w/${workspace.slug}` }));
}

/** From now on a workspace is the one that its person used last: where they begin next time. */
export async function useWorkspace(
  trx: Trx,
  { workspace_id, person_id }: { workspace_id: string; person_id: string },
): Promise<void> {
  await trx
    .updateTable('memberships')
    .set({ last_used_at: sql<Date>`now()` })
    .where('workspace_id', '=', workspace_id)
    .where('person_id', '=', person_id)
    .execute();
}

/** Readable and not guessable from the name alone, so that slugs never have to be tried in turn. */
function slugFor(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return `${words === '' ? 'workspace' : words}-${randomBytes(3).toString('hex')}`;
}
