import { sql } from 'kysely';
import type { Origin } from '../lib/audit.ts';
import { type Trx, enterWorkspace } from '../lib/database.ts';
import { revokeApiKey } from './api-keys.ts';
import { goodKeysOf } from './members.ts';

/**
 * Revokes every key that a person made, in all their workspaces: somebody else had the account until
 * its owner took it over, or staff shut the person out. The transaction is in one of the workspaces
 * afterwards.
 */
export async function revokeKeysOfPerson(
  trx: Trx,
  personId: string,
  by?: { revoked_by: string; origin: Origin },
): Promise<void> {
  await sql`select set_config('scrip.person_id', ${personId}, true)`.execute(trx);
  const memberships = await trx
    .selectFrom('memberships')
    .select('workspace_id')
    .where('person_id', '=', personId)
    .execute();
  for (const { workspace_id } of memberships) {
    await enterWorkspace(trx, workspace_id);
    const keys = await goodKeysOf(trx, workspace_id, personId);
    for (const { prefix } of keys) await revokeApiKey(trx, { prefix, ...by });
  }
}
