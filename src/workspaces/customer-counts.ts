import { sql } from 'kysely';
import { dateOf } from '../core/instant.ts';
import type { EndingWindow } from '../core/periods.ts';
import type { Db } from '../lib/database.ts';

/** How many customers there are, and how many of them are new in a window. */
export interface CustomerCounts {
  /** With an account of their own: personal workspaces and teams. */
  new_accounts: bigint;
  /** Named by a product over the API. */
  new_external: bigint;
  all: bigint;
}

export async function countCustomers(
  db: Db,
  { starts_at, ends_at }: EndingWindow,
): Promise<CustomerCounts> {
  const { rows } = await sql<CustomerCounts>`
    select count(*) filter (where kind <> 'external') as new_accounts,
      count(*) filter (where kind = 'external') as new_external,
      (select count(*) from workspaces) as all
    from workspaces
    where created_at >= ${dateOf(starts_at)} and created_at < ${dateOf(ends_at)}`.execute(db);
  return rows[0] ?? { new_accounts: 0n, new_external: 0n, all: 0n };
}
