import { sql } from 'kysely';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Db, Trx } from '../../lib/database.ts';
import { stopForOtherCard } from './terms.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { mixedUp } from '../payments/results.ts';
import type { WorkingProvider } from '../provider.ts';
import { workspaceOfCustomer } from '../stripe-customers.ts';
import { type CheckoutSession, type SetupIntent, SetupIntentWithCard } from '../stripe-objects.ts';

/** A card that may be charged when nobody is there, as people know it. */
export interface SavedCard {
  customer_id: string;
  payment_method_id: string;
  brand: string;
  last4: string;
  exp_month: number;
  exp_year: number;
}

/** "Visa card ending in 4242" */
export function nameOfCard({ brand, last4 }: Pick<SavedCard, 'brand' | 'last4'>): string {
  const name = BRANDS[brand] ?? `${brand.charAt(0).toUpperCase()}${brand.slice(1)}`;
  return `${name} card ending in ${last4}`;
}

/** Those that are not Stripe's code with a capital. */
const BRANDS: Readonly<Record<string, string>> = {
  ...{ amex: 'American Express', diners: 'Diners Club', eftpos_au: 'eftpos', jcb: 'JCB' },
  ...{ unionpay: 'UnionPay', unknown: 'saved' },
};

/** The saved card of a workspace. With `lock` nobody changes it meanwhile. */
export async function findSavedCard(
  db: Db,
  workspace_id: string,
  { mode, livemode }: Pick<WorkingProvider, 'mode' | 'livemode'>,
): Promise<SavedCard | undefined> {
  const row = await db
    .selectFrom('stripe_customers')
    .select(['customer_id', 'payment_method_id', 'card'])
    .where('workspace_id', '=', workspace_id)
    .where('provider', '=', mode)
    .where('livemode', '=', livemode)
    .where('payment_method_id', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const ids = Ids.parse(row);
  const { brand, last4, exp_month, exp_year } = StoredCard.parse(row.card);
  return { ...ids, brand, last4, exp_month, exp_year };
}

/**
 * What a SetupIntent says: that somebody saved a card for their workspace. Asks Stripe for the card,
 * outside of any transaction. The newest setup wins, in whatever order they are told, and a card that
 * was taken away from the customer meanwhile is not kept.
 */
export async function workOfSetup(
  { staff, livemode, stripe }: EventContext,
  setupIntentId: string,
): Promise<EventWork | undefined> {
  const setup = await askForSetup(stripe, setupIntentId);
  const workspace_id = setup.metadata.scrip_auto_top_up;
  const { customer, payment_method: method } = setup;
  if (workspace_id === undefined || customer === null) return undefined;
  if ((await workspaceOfCustomer(staff, customer)) !== workspace_id) return undefined;
  if (setup.status !== 'succeeded') return undefined;
  return {
    workspace_id,
    run: (trx) => {
      if (setup.livemode !== livemode) return Promise.resolve(mixedUp());
      if (!method?.card || method.customer !== customer) {
        return Promise.resolve(ignored('the card is not the customer’s any more'));
      }
      const { brand, last4, exp_month, exp_year } = method.card;
      const card = { brand, last4, exp_month, exp_year, set_up_at: setup.created };
      return keepCard(trx, { customer, workspace_id }, method.id, card);
    },
  };
}

/** What a session in setup mode says, if it is one of ours. */
export async function workOfSetupSession(
  context: EventContext,
  { mode, setup_intent, metadata }: CheckoutSession,
): Promise<EventWork | undefined> {
  if (mode !== 'setup' || setup_intent === null) return undefined;
  return metadata.scrip_auto_top_up === undefined ? undefined : workOfSetup(context, setup_intent);
}

/** The card is no more, at Stripe or by the will of the workspace. Whether it was kept. */
export async function forgetCard(trx: Trx, paymentMethodId: string): Promise<boolean> {
  const forgotten = await trx
    .updateTable('stripe_customers')
    .set({ payment_method_id: null, card: null, updated_at: sql<Date>`now()` })
    .where('payment_method_id', '=', paymentMethodId)
    .executeTakeFirst();
  return forgotten.numUpdatedRows > 0n;
}

/** Whose saved card this is. */
export async function workspaceOfCard(
  db: Db,
  paymentMethodId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('stripe_customers')
    .select('workspace_id')
    .where('payment_method_id', '=', paymentMethodId)
    .executeTakeFirst();
  return row?.workspace_id;
}

async function askForSetup(stripe: Stripe, id: string): Promise<SetupIntent> {
  return SetupIntentWithCard.parse(
    await stripe.setupIntents.retrieve(id, { expand: ['payment_method'] }),
  );
}

async function keepCard(
  trx: Trx,
  { customer, workspace_id }: { customer: string; workspace_id: string },
  payment_method_id: string,
  card: z.output<typeof StoredCard>,
): Promise<EventResult> {
  const row = await trx
    .selectFrom('stripe_customers')
    .select(['payment_method_id', 'card'])
    .where('customer_id', '=', customer)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return ignored('the customer has gone');
  if (row.payment_method_id === payment_method_id) return ignored('is kept already');
  const known = row.card === null ? undefined : StoredCard.parse(row.card);
  if (known !== undefined && known.set_up_at > card.set_up_at)
    return ignored('a newer card is kept');
  await trx
    .updateTable('stripe_customers')
    .set({ payment_method_id, card: JSON.stringify(card), updated_at: sql<Date>`now()` })
    .where('customer_id', '=', customer)
    .execute();
  // What was agreed to names the card.
  await stopForOtherCard(trx, workspace_id, payment_method_id);
  return { state: 'done' };
}

function ignored(note: string): EventResult {
  return { state: 'done', note };
}

const StoredCard = z.object({
  brand: z.string(),
  last4: z.string(),
  exp_month: z.int(),
  exp_year: z.int(),
  /** Unix time in seconds: which of two cards is the newer one. */
  set_up_at: z.int(),
});

const Ids = z.object({ customer_id: z.string(), payment_method_id: z.string() });
