import type { GroupUsed, UsageGroup } from '../../ledger/usage-reports.ts';
import { NOBODY } from '../../ledger/usage-reports.ts';
import type { Trx } from '../../lib/database.ts';
import { operationNames } from '../../pricing/price-book.ts';

/** One that usage can be narrowed to. */
export interface Choice {
  value: string;
  name: string;
}

/** What can be chosen in the form, by the names that people know. */
export interface Choices {
  operations: (Choice & { unit: string })[];
  keys: Choice[];
  members: Choice[];
}

/** The operations, and for members of a workspace its keys, revoked ones too, and its people. */
export async function choicesOf(
  trx: Trx,
  workspaceId: string,
  isMember: boolean,
): Promise<Choices> {
  const operations = [...(await operationNames(trx))]
    .map(([value, operation]) => ({ value, ...operation }))
    .sort(byName);
  if (!isMember) return { operations, keys: [], members: [] };
  const keys = await trx
    .selectFrom('api_keys')
    .select(['id as value', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('livemode', '=', true)
    .execute();
  const members = await trx
    .selectFrom('memberships as m')
    .innerJoin('people as p', 'p.id', 'm.person_id')
    .select(['p.id as value', 'p.name'])
    .where('m.workspace_id', '=', workspaceId)
    .execute();
  return { operations, keys: keys.sort(byName), members: members.sort(byName) };
}

/** What one of a group is called. */
export function nameOf(group: UsageGroup, value: string, choices: Choices): string {
  const named = (among: readonly Choice[]) => among.find((one) => one.value === value)?.name;
  switch (group) {
    case 'operation':
      return value === '' ? 'No operation' : (named(choices.operations) ?? value);
    case 'key':
      return value === NOBODY ? 'Without a key' : (named(choices.keys) ?? 'A key of the seller');
    case 'member':
      return value === NOBODY ? 'Not by a member' : (named(choices.members) ?? 'A former member');
    case 'customer':
      return value === '' ? 'No customer named' : value;
  }
}

/** "279 min" of an operation; undefined of what has no one unit. */
export function unitOf(group: UsageGroup, { value }: GroupUsed, choices: Choices) {
  if (group !== 'operation') return undefined;
  return choices.operations.find((one) => one.value === value)?.unit;
}

function byName(one: Choice, other: Choice): number {
  return one.name.localeCompare(other.name, 'en');
}
