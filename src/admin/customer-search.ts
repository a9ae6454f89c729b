import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Level } from '../core/levels.ts';
import { balancesOf } from '../ledger/balances.ts';
import { alertDefaultsNow, levelAt } from '../ledger/levels.ts';
import type { Db } from '../lib/database.ts';
import { normalizeEmail } from '../people/people.ts';

export const CUSTOMER_KINDS = ['personal', 'team', 'external'] as const;
export const CUSTOMER_STATES = ['plan', 'low', 'frozen', 'deactivated'] as const;
type CustomerKind = (typeof CUSTOMER_KINDS)[number];
type CustomerState = (typeof CUSTOMER_STATES)[number];

/** What the address of the list says; what it says wrongly is left out. */
export const CustomerQuery = z.object({
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u)
    .optional()
    .catch(undefined),
  kind: z.enum(CUSTOMER_KINDS).optional().catch(undefined),
  state: z.enum(CUSTOMER_STATES).optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
});
export type CustomerFilter = z.output<typeof CustomerQuery>;

interface StoredCustomer {
  id: string;
  kind: CustomerKind;
  name: string;
  slug: string;
  external_id: string | null;
  created_at: Date;
  deactivated_at: Date | null;
  wallet_id: string;
  /** Of the owner; of an external customer, what the product told. */
  email: string | null;
  owner: string | null;
  owner_deactivated_at: Date | null;
  plan: string | null;
  stripe_customer_id: string | null;
}

/** A customer as the list shows it. */
export interface ListedCustomer extends StoredCustomer {
  available_micro: bigint;
  held_micro: bigint;
  debt_micro: bigint;
  /** By what is left of what came last. */
  level: Level;
}

/** A page of the customers that a filter lets through, the newest first. Two queries. */
export async function customerPage(
  staff: Db,
  filter: CustomerFilter,
  limit: number,
): Promise<{ customers: ListedCustomer[]; older: string | undefined }> {
  const found = await selectCustomers(filter, limit + 1).execute(staff);
  const rows = found.rows.slice(0, limit);
  const read = await balancesOf(
    staff,
    rows.map(({ wallet_id }) => wallet_id),
  );
  const limits = await alertDefaultsNow();
  const balances = new Map(read.map((balance) => [balance.wallet_id, balance]));
  const customers = rows.map((row) => {
    const balance = balances.get(row.wallet_id);
    if (balance === undefined) throw new Error(`customer ${row.id} has no wallet`);
    const { available_micro, held_micro, debt_micro } = balance;
    const { level } = levelAt(balance, undefined, limits);
    return { ...row, available_micro, held_micro, debt_micro, level };
  });
  return { customers, older: found.rows.length > limit ? rows.at(-1)?.id : undefined };
}

/** The page is found first, by indexes; only its rows are asked for owner and plan. */
function selectCustomers({ q, kind, state, before }: CustomerFilter, limit: number) {
  return sql<StoredCustomer>`
    with page as materialized (
      select w.id, w.kind, w.name, w.slug, w.external_id, w.email, w.created_at, w.deactivated_at
      from workspaces w
      where ${kind === undefined ? sql`true` : sql`w.kind = ${kind}`}
        and ${before === undefined ? sql`true` : sql`w.id < ${before}`}
        and ${state === undefined ? sql`true` : sql`w.id in (${IN_STATE[state]})`}
        and ${q === undefined ? sql`true` : sql`w.id in (${foundBy(q)})`}
      order by w.id desc limit ${limit}
    )
    select page.id, page.kind, page.name, page.slug, page.external_id, page.created_at,
      page.deactivated_at, l.id as wallet_id, coalesce(page.email, owner.email) as email,
      owner.name as owner, owner.deactivated_at as owner_deactivated_at, plan.name as plan, (
        select c.customer_id from stripe_customers c where c.workspace_id = page.id
        order by c.livemode desc, c.created_at desc limit 1) as stripe_customer_id
    from page
    join wallets l on l.workspace_id = page.id and l.livemode
    left join lateral (
      select p.name, p.email, p.deactivated_at from memberships m
      join people p on p.id = m.person_id
      where m.workspace_id = page.id and m.role = 'owner' order by m.created_at limit 1
    ) owner on true
    left join lateral (
      select v.name from subscriptions s join plan_prices r on r.id = s.plan_price_id
      join plan_versions v on v.plan_id = r.plan_id and v.version = r.plan_version
      where s.workspace_id = page.id and s.status in ('trialing', 'active', 'past_due') limit 1
    ) plan on true
    order by page.id desc`;
}

const IN_STATE: Record<CustomerState, RawBuilder<unknown>> = {
  plan: sql`select workspace_id from subscriptions
    where status in ('trialing', 'active', 'past_due')`,
  // Those who were told of it, or would have been: their alert lasts.
  low: sql`select workspace_id from alerts
    where kind = 'balance_low' and ended_at is null and livemode`,
  frozen: sql`select workspace_id from wallets where frozen_at is not null and livemode`,
  deactivated: sql`select id from workspaces where deactivated_at is not null
    union select m.workspace_id from people p join memberships m on m.person_id = p.id
    where p.deactivated_at is not null`,
};

/**
 * The workspaces that somebody may mean. Ids are compared whole, addresses by their beginning, names
 * by the beginnings of their words.
 */
function foundBy(text: string): RawBuilder<unknown> {
  const ways = [
    sql`select id from workspaces where external_id = ${text}`,
    sql`select id from workspaces where slug = ${text.toLowerCase()}`,
  ];
  if (z.uuid().safeParse(text).success) ways.push(...byId(text));
  if (/^[a-z]{2,4}_\w+$/i.test(text)) ways.push(...byStripeId(text));
  ways.push(...byAddress(text));
  const words = wordsIn(text);
  if (words !== undefined) ways.push(...byName(words));
  return sql.join(ways, sql` union `);
}

function byId(id: string): RawBuilder<unknown>[] {
  return [
    sql`select id from workspaces where id = ${id}`,
    sql`select workspace_id from wallets where id = ${id}`,
    sql`select workspace_id from memberships where person_id = ${id}`,
    sql`select workspace_id from payments where id = ${id}`,
  ];
}

function byStripeId(id: string): RawBuilder<unknown>[] {
  return [
    sql`select workspace_id from stripe_customers where customer_id = ${id}`,
    sql`select workspace_id from subscriptions where stripe_subscription_id = ${id}`,
    ...['payment_intent_id', 'checkout_session_id', 'stripe_invoice_id', 'stripe_refund_id'].map(
      (column) => sql`select workspace_id from payments where ${sql.ref(column)} = ${id}`,
    ),
  ];
}

function byAddress(text: string): RawBuilder<unknown>[] {
  if (/\s/.test(text)) return [];
  const beginning = `${normalizeEmail(text).replace(/[\\%_]/g, '\\$&')}%`;
  return [
    sql`select m.workspace_id from people p join memberships m on m.person_id = p.id
      where p.email_normalized like ${beginning}`,
    sql`select id from workspaces where email is not null and lower(email) like ${beginning}`,
  ];
}

/** As a query of words that begin so; undefined where there is none. */
function wordsIn(text: string): string | undefined {
  const words = text.split(/[\s!-/:-@[-`{-~]+/).filter(Boolean);
  return words.length === 0 ? undefined : words.map((word) => `'${word}':*`).join(' & ');
}

function byName(words: string): RawBuilder<unknown>[] {
  const matches = (column: string) =>
    sql`${sql.raw(WORDS_OF.replace('name', column))} @@ to_tsquery('simple', ${words})`;
  return [
    sql`select id from workspaces where ${matches('name')}`,
    sql`select m.workspace_id from people p join memberships m on m.person_id = p.id
      where ${matches('p.name')}`,
  ];
}

/** As the index has it. */
const WORDS_OF = String.raw`to_tsvector('simple', regexp_replace(name, '[!-/:-@\[-${'`'}{-~]+', ' ', 'g'))`;
