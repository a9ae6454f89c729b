import { type Origin, audit } from '../lib/audit.ts';
import type { Db, Trx } from '../lib/database.ts';

/** A domain whose addresses the welcome guard leaves to the staff, with all domains below it. */
export interface BlockedDomain {
  domain: string;
  reason: string;
  made_by: string;
  created_at: Date;
}

/** The domain that somebody wrote, as it is kept; undefined for what is none. */
export function domainIn(text: string): string | undefined {
  const written = text.trim().replace(/^.*@/, '').replace(/\.$/, '');
  const { hostname } = URL.parse(`http://${written}`) ?? {};
  const isDomain = hostname !== undefined && /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(hostname);
  return isDomain && !/[/?#:\s]/.test(written) ? hostname : undefined;
}

export async function blockedDomains(db: Db): Promise<BlockedDomain[]> {
  return db
    .selectFrom('blocked_domains as b')
    .innerJoin('people as p', 'p.id', 'b.made_by')
    .select(['b.domain', 'b.reason', 'p.name as made_by', 'b.created_at'])
    .orderBy('b.domain')
    .execute();
}

/** Whether the domain of an address, or one above it, is blocked. */
export async function isBlocked(db: Db, address: string): Promise<boolean> {
  const labels = (domainIn(address) ?? '').split('.');
  const domains = labels.map((_label, index) => labels.slice(index).join('.'));
  const found = await db
    .selectFrom('blocked_domains')
    .select('domain')
    .where('domain', 'in', domains)
    .executeTakeFirst();
  return found !== undefined;
}

interface By {
  person_id: string;
  origin: Origin;
}

/** Blocks a domain from now on. One that is blocked keeps its reason. */
export async function blockDomain(
  trx: Trx,
  { domain, reason }: { domain: string; reason: string },
  by: By,
): Promise<void> {
  const added = await trx
    .insertInto('blocked_domains')
    .values({ domain, reason, made_by: by.person_id })
    .onConflict((conflict) => conflict.column('domain').doNothing())
    .returning('domain')
    .executeTakeFirst();
  if (added !== undefined) await note(trx, 'blocked_domain.added', domain, by, reason);
}

/** Leaves a domain to the guard's other questions again. */
export async function unblockDomain(trx: Trx, domain: string, by: By): Promise<void> {
  const removed = await trx
    .deleteFrom('blocked_domains')
    .where('domain', '=', domain)
    .returning('domain')
    .executeTakeFirst();
  if (removed !== undefined) await note(trx, 'blocked_domain.removed', domain, by);
}

async function note(
  trx: Trx,
  action: string,
  domain: string,
  { person_id, origin }: By,
  reason?: string,
): Promise<void> {
  await audit(trx, {
    ...{ action, origin },
    actor: { kind: 'person', id: person_id },
    subject: { kind: 'blocked_domain', id: domain },
    ...(reason === undefined ? {} : { reason }),
  });
}
