import { sql } from 'kysely';
import { z } from 'zod';
import type { MeantCustomer } from '../../core/bulk-grants.ts';
import type { Db } from '../../lib/database.ts';
import { normalizeEmail } from '../../people/people.ts';

/**
 * The customers whom each of some texts may mean: a workspace by its id, or by the id or address that
 * a product told; a person's own workspace by the person's id or address.
 * @param staff sees the customers of all workspaces
 */
export async function customersMeant(
  staff: Db,
  texts: readonly string[],
): Promise<Map<string, MeantCustomer[]>> {
  const ids = texts.filter((text) => z.uuid().safeParse(text).success);
  const addresses = texts.filter((text) => text.includes('@'));
  const normalized = addresses.map(normalizeEmail);
  const { rows } = await sql<MeantCustomer & { text: string }>`
    with given as (select unnest(${texts}::text[]) as text),
    ids as (select text, text::uuid as id from unnest(${ids}::text[]) as t (text)),
    addresses as (
      select * from unnest(${addresses}::text[], ${normalized}::text[]) as t (text, address)
    ),
    persons as (
      select text, id, false as is_unverified from ids
      union all
      select a.text, p.id, p.email_verified_at is null
      from addresses a join people p on p.email_normalized = a.address
    ),
    meant as (
      select g.text, w.id, false as is_unverified
      from given g join workspaces w on w.external_id = g.text
      union
      select text, id, false from ids
      union
      select a.text, w.id, false from addresses a join workspaces w on lower(w.email) = a.address
      union
      select p.text, m.workspace_id, p.is_unverified from persons p
      join memberships m on m.person_id = p.id and m.role = 'owner'
      join workspaces w on w.id = m.workspace_id and w.kind = 'personal'
    )
    select meant.text, w.id as workspace_id, l.id as wallet_id, meant.is_unverified,
      ${isDeactivated()} as is_deactivated
    from meant join workspaces w on w.id = meant.id
    join wallets l on l.workspace_id = w.id and l.livemode`.execute(staff);
  const found = new Map<string, MeantCustomer[]>();
  for (const { text, ...customer } of rows) {
    found.set(text, [...(found.get(text) ?? []), customer]);
  }
  return found;
}

/** Whether the workspace `w` can spend nothing: it is deactivated, or the person whose own it is. */
export function isDeactivated() {
  return sql<boolean>`(w.deactivated_at is not null or w.kind = 'personal' and exists (
    select 1 from memberships m join people p on p.id = m.person_id
    where m.workspace_id = w.id and p.deactivated_at is not null))`;
}
