import { sql } from 'kysely';
import type { Request } from 'express';
import type { Db } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import type { MemberWorkspace } from '../workspaces/workspaces.ts';
import { idIn } from './staff-routes.ts';

/** A wallet as far as staff change its terms. */
export interface WalletTerms {
  wallet_id: string;
  overdraft_micro: bigint;
  frozen_at: Date | null;
  frozen_reason: string | null;
  unlimited_reason: string | null;
}

/** Whom a page of the admin area is about. */
export interface Customer {
  id: string;
  kind: 'personal' | 'team' | 'external';
  name: string;
  slug: string;
  external_id: string | null;
  email: string | null;
  currency: string;
  time_zone: string;
  created_at: Date;
  deactivated_at: Date | null;
  members: number;
  stripe_customer_id: string | null;
  live: WalletTerms;
  test: WalletTerms;
  /** Where its pages are in the admin area. */
  base: string;
}

/** The customer of a path such as `/customers/:id`. @throws AppError 404 */
export async function customerIn(staff: Db, req: Request): Promise<Customer> {
  return findCustomer(staff, idIn(req, 'customer'));
}

/** @throws AppError 404 */
export async function findCustomer(staff: Db, id: string): Promise<Customer> {
  const found = await sql<Omit<Customer, 'live' | 'test' | 'base'>>`
    select w.id, w.kind, w.name, w.slug, w.external_id, w.email, w.currency, w.time_zone,
      w.created_at, w.deactivated_at,
      (select count(*)::int from memberships m where m.workspace_id = w.id) as members, (
        select c.customer_id from stripe_customers c where c.workspace_id = w.id
        order by c.livemode desc, c.created_at desc limit 1) as stripe_customer_id
    from workspaces w where w.id = ${id}`.execute(staff);
  const [customer] = found.rows;
  if (customer === undefined) throw notFound('customer');
  const wallets = await staff
    .selectFrom('wallets')
    .select(['id as wallet_id', 'livemode', 'overdraft_limit as overdraft_micro'])
    .select(['frozen_at', 'frozen_reason', 'unlimited_reason'])
    .where('workspace_id', '=', id)
    .execute();
  const live = wallets.find(({ livemode }) => livemode);
  const test = wallets.find(({ livemode }) => !livemode);
  if (live === undefined || test === undefined) throw new Error(`customer ${id} lacks a wallet`);
  return { ...customer, live, test, base: `/admin/customers/${id}` };
}

/** One of a customer's two wallets, and where its pages are. */
export interface Side {
  livemode: boolean;
  wallet: WalletTerms;
  base: string;
}

export function sideOf(customer: Customer, livemode: boolean): Side {
  return livemode
    ? { livemode, wallet: customer.live, base: customer.base }
    : { livemode, wallet: customer.test, base: `${customer.base}/test` };
}

/** A customer as pages of the product take it that staff see too: with all that an owner sees. */
export function asWorkspace(customer: Customer, { base }: Side): MemberWorkspace {
  const { id, name, slug, kind, currency, time_zone } = customer;
  return { id, name, slug, kind, currency, time_zone, base, role: 'owner', unread_alerts: 0 };
}
