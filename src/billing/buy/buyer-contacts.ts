import type { Trx } from '../../lib/database.ts';
import type { Reader } from '../../lib/formatting.ts';

/** Where a buyer is reached. */
export interface BuyerContact {
  address: string;
  person_id: string | undefined;
  reader: Reader;
  workspace: string;
  slug: string;
}

/** Who ordered, or the customer that the workspace is; undefined when nobody is left to be told. */
export async function buyerOf(
  trx: Trx,
  { workspace_id, person_id }: { workspace_id: string; person_id: string | null },
): Promise<BuyerContact | undefined> {
  const workspace = await trx
    .selectFrom('workspaces')
    .select(['name', 'slug', 'email', 'time_zone'])
    .where('id', '=', workspace_id)
    .executeTakeFirstOrThrow();
  const { name, slug, email, time_zone } = workspace;
  if (person_id === null) {
    const reader = { time_zone, locale: 'en' };
    return email === null
      ? undefined
      : { address: email, person_id: undefined, reader, workspace: name, slug };
  }
  const person = await trx
    .selectFrom('people')
    .select(['email', 'time_zone', 'locale'])
    .where('id', '=', person_id)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return person && { address: person.email, person_id, reader: person, workspace: name, slug };
}
