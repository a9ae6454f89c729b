import type { Db } from './lib/database.ts';
import { type Account, findAccount } from './workspaces/customers.ts';

/**
 * Whom the command line names by --customer or --workspace; undefined when nobody.
 * @throws Error when there is no such one
 */
export async function accountNamed(
  staff: Db,
  { customer, workspace }: { customer?: string | undefined; workspace?: string | undefined },
  livemode = true,
): Promise<Account | undefined> {
  if (customer === undefined && workspace === undefined) return undefined;
  const named = customer === undefined ? { slug: workspace ?? '' } : { external_id: customer };
  const account = await findAccount(staff, named, livemode);
  if (account === undefined) throw new Error('There is no such customer or workspace.');
  return account;
}
