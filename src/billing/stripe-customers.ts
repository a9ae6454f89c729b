import { sql } from 'kysely';
import Stripe from 'stripe';
import { z } from 'zod';
import { type Connections, type Db, type Trx, inWorkspace } from '../lib/database.ts';
import { type WorkingProvider, isKeptUnderKey } from './provider.ts';

export interface CustomerRequest {
  workspace_id: string;
  name: string;
  email: string | undefined;
}

/**
 * What Stripe knows a workspace as, made at first use: outside of any transaction, with a key of the
 * workspace's, so that two who ask at once get the same one.
 * @returns Stripe's id of the customer. Throws Stripe's errors.
 */
export async function stripeCustomerOf(
  connections: Connections,
  { stripe, mode: provider, livemode }: WorkingProvider,
  { workspace_id, name, email }: CustomerRequest,
): Promise<string> {
  const own = { workspace_id, provider, livemode };
  const before = await inWorkspace(connections.app, workspace_id, (trx) => findRow(trx, own));
  const known = before?.customer_id ?? null;
  if (known !== null) return known;
  const answer = await stripe.customers
    .create(
      {
        name,
        ...(email === undefined ? {} : { email }),
        metadata: { scrip_workspace: workspace_id },
      },
      { idempotencyKey: `customer:${workspace_id}:${before?.deletions ?? 0}` },
    )
    .catch(async (error: unknown) => {
      if (isKeptUnderKey(error)) {
        await inWorkspace(connections.app, workspace_id, (trx) => takeAnotherKey(trx, own));
      }
      throw error;
    });
  const made = MadeCustomer.parse(answer);
  await inWorkspace(connections.app, workspace_id, (trx) =>
    trx
      .insertInto('stripe_customers')
      .values({ ...own, customer_id: made.id })
      .onConflict((conflict) =>
        conflict
          .columns(['workspace_id', 'provider', 'livemode'])
          .doUpdateSet({ customer_id: made.id, updated_at: sql<Date>`now()` }),
      )
      .execute(),
  );
  return made.id;
}

/** Stripe's id of a workspace's customer, if it has one. */
export async function findStripeCustomer(
  db: Db,
  workspace_id: string,
  { mode: provider, livemode }: Pick<WorkingProvider, 'mode' | 'livemode'>,
): Promise<string | undefined> {
  return (await findRow(db, { workspace_id, provider, livemode }))?.customer_id ?? undefined;
}

/**
 * Asks Stripe for something for the customer of a workspace. One whom somebody deleted at Stripe, and
 * of whom no webhook has said so, is forgotten, and it is asked once more for another one.
 */
export async function withStripeCustomer<Result>(
  connections: Connections,
  provider: WorkingProvider,
  about: CustomerRequest,
  ask: (customer: string) => Promise<Result>,
): Promise<Result> {
  const customer = await stripeCustomerOf(connections, provider, about);
  try {
    return await ask(customer);
  } catch (error) {
    if (!isCustomerGone(error)) throw error;
    const { workspace_id } = about;
    await inWorkspace(connections.app, workspace_id, (trx) => forgetCustomer(trx, customer));
    return ask(await stripeCustomerOf(connections, provider, about));
  }
}

/** Stripe does not know the customer that a request named. */
export function isCustomerGone(error: unknown): boolean {
  const isRefused = error instanceof Stripe.errors.StripeInvalidRequestError;
  return isRefused && error.code === 'resource_missing' && error.param === 'customer';
}

/** The next request is another one to Stripe, as after a customer was deleted. */
async function takeAnotherKey(trx: Trx, own: OwnRow): Promise<void> {
  await trx
    .insertInto('stripe_customers')
    .values({ ...own, deletions: 1 })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'provider', 'livemode']).doUpdateSet((row) => ({
        deletions: sql<number>`${row.ref('stripe_customers.deletions')} + 1`,
      })),
    )
    .execute();
}

/** Somebody deleted the customer at Stripe: its cards are gone too, and the next purchase makes another. */
export async function forgetCustomer(trx: Trx, id: string): Promise<void> {
  await trx
    .updateTable('stripe_customers')
    .set({ customer_id: null, payment_method_id: null, card: null, updated_at: sql<Date>`now()` })
    .set((row) => ({ deletions: row('deletions', '+', 1) }))
    .where('customer_id', '=', id)
    .execute();
}

/** Whose customer at Stripe this is. */
export async function workspaceOfCustomer(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('stripe_customers')
    .select('workspace_id')
    .where('customer_id', '=', id)
    .executeTakeFirst();
  return row?.workspace_id;
}

interface OwnRow {
  workspace_id: string;
  provider: WorkingProvider['mode'];
  livemode: boolean;
}

function findRow(db: Db, own: OwnRow) {
  return db
    .selectFrom('stripe_customers')
    .select(['customer_id', 'deletions'])
    .where('workspace_id', '=', own.workspace_id)
    .where('provider', '=', own.provider)
    .where('livemode', '=', own.livemode)
    .executeTakeFirst();
}

/** The library takes some error answers for success, so what came is looked at. */
const MadeCustomer = z.object({ object: z.literal('customer'), id: z.string().min(1) });
