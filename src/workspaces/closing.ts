import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { balanceOf } from '../ledger/balances.ts';
import { eraseDetails } from '../ledger/retention.ts';
import { type Origin, audit } from '../lib/audit.ts';
import { type Db, type Trx, enterWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { revokeApiKey } from './api-keys.ts';
import { eraseBusinessProfile } from './business-profile.ts';

/** Ends what another feature has in a workspace; throws an AppError for what has to be done first. */
export type Ending = (
  trx: Trx,
  workspace: { id: string; name: string },
  by: { person_id: string; origin: Origin },
) => Promise<void>;

/**
 * The workspaces that have nobody but one person, with what can still be spent there.
 * @param staff sees who else is in a workspace
 */
export async function workspacesOnlyOf(
  staff: Db,
  personId: string,
): Promise<{ name: string; available_micro: bigint }[]> {
  const found = await staff
    .selectFrom('memberships as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['w.id', 'w.name'])
    .where('m.person_id', '=', personId)
    .where('w.deactivated_at', 'is', null)
    .where((where) => {
      const others = where
        .selectFrom('memberships as other')
        .select('other.person_id')
        .whereRef('other.workspace_id', '=', 'm.workspace_id')
        .where('other.person_id', '<>', personId);
      return where.not(where.exists(others));
    })
    .orderBy('w.created_at')
    .execute();
  const balances = await Promise.all(found.map(({ id }) => balanceOf(staff, id)));
  return found.map(({ name }, index) => ({
    name,
    available_micro: balances[index]?.available_micro ?? 0n,
  }));
}

/**
 * Takes a person out of all workspaces, and ends those that have nobody else.
 * @throws AppError 422 `last_owner` while others depend on them
 */
export async function leaveAll(
  trx: Trx,
  by: { person_id: string; origin: Origin },
  endings: readonly Ending[],
): Promise<void> {
  await sql`select set_config('scrip.person_id', ${by.person_id}, true)`.execute(trx);
  const workspaces = await trx
    .selectFrom('memberships as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspace_id')
    .select(['w.id', 'w.name'])
    .where('m.person_id', '=', by.person_id)
    .orderBy('w.id')
    .execute();
  for (const workspace of workspaces) {
    await enterWorkspace(trx, workspace.id);
    await trx
      .selectFrom('workspaces')
      .select('id')
      .where('id', '=', workspace.id)
      .forNoKeyUpdate()
      .execute();
    const others = await trx
      .selectFrom('memberships')
      .select('role')
      .where('workspace_id', '=', workspace.id)
      .where('person_id', '<>', by.person_id)
      .execute();
    if (others.length === 0) await end(trx, workspace, by, endings);
    else if (!others.some(({ role }) => role === 'owner')) throw lastOwnerOf(workspace.name);
    await trx
      .deleteFrom('memberships')
      .where('workspace_id', '=', workspace.id)
      .where('person_id', '=', by.person_id)
      .execute();
  }
}

/** The wallet and what was paid stay, for the books; who it was does not. */
async function end(
  trx: Trx,
  workspace: { id: string; name: string },
  { person_id, origin }: { person_id: string; origin: Origin },
  endings: readonly Ending[],
): Promise<void> {
  for (const ending of endings) await ending(trx, workspace, { person_id, origin });
  const keys = await trx
    .selectFrom('api_keys')
    .select('prefix')
    .where('workspace_id', '=', workspace.id)
    .where('revoked_at', 'is', null)
    .execute();
  for (const { prefix } of keys) await revokeApiKey(trx, { prefix, revoked_by: person_id, origin });
  await eraseDetails(trx, workspace.id);
  await eraseBusinessProfile(trx, workspace.id);
  await trx
    .updateTable('workspaces')
    .set({
      name: 'Closed workspace',
      slug: `closed-${randomBytes(6).toString('hex')}`,
      email: null,
      deactivated_at: new Date(),
      updated_at: new Date(),
    })
    .where('id', '=', workspace.id)
    .execute();
  await audit(trx, {
    workspace_id: workspace.id,
    actor: { kind: 'person', id: person_id },
    action: 'workspace.closed',
    subject: { kind: 'workspace', id: workspace.id },
    origin,
  });
}

function lastOwnerOf(name: string): AppError {
  return new AppError(
    422,
    'last_owner',
    `Others work in ${name}. Make one of them its owner, or remove them first.`,
  );
}
