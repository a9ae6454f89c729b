import type { Db } from '../../lib/database.ts';
import type { EventContext, EventResult, EventWork } from '../events/event.ts';
import { orderMadeElsewhere } from '../orders.ts';
import { findPackage } from '../packages.ts';
import { resultOf } from './results.ts';
import { type Paid, difference, settle } from '../settlement.ts';

/** What the metadata of Stripe's objects say of an order. */
interface NamedOrder {
  scrip_payment?: string | undefined;
  scrip_wallet?: string | undefined;
  scrip_package?: string | undefined;
}

/**
 * What is to be done about money for an order that is not here: the seller's own program asked for
 * it, or the database is an older one that was restored. The metadata say whose wallet it is for
 * (`scrip_wallet`), what was sold (`scrip_package`) and what the payment is to be known as
 * (`scrip_payment`, a UUID); the catalogue says what that costs. Where they do not name an order, it
 * is other software's.
 */
export async function workOfUnknownOrder(
  { staff, provider, livemode }: EventContext,
  named: NamedOrder,
  paid: Paid,
): Promise<EventWork | EventResult | undefined> {
  const { scrip_payment: id, scrip_wallet: wallet_id, scrip_package: code } = named;
  if (id === undefined || wallet_id === undefined || code === undefined) return undefined;
  const workspace_id = await workspaceOfWallet(staff, wallet_id);
  if (workspace_id === undefined) return flagged(`there is no live wallet ${wallet_id}`);
  return {
    workspace_id,
    payment_id: id,
    run: async (trx) => {
      const sold = await findPackage(trx, code, paid.currency);
      if (sold === undefined) return flagged(`${code} is not sold in ${paid.currency}`);
      const note = difference({ subtotal_minor: sold.price_minor, currency: sold.currency }, paid);
      if (note !== undefined) return flagged(note);
      const order = { id, workspace_id, wallet_id, package: sold, provider, livemode };
      const payment = await orderMadeElsewhere(trx, order);
      return resultOf(await settle(trx, payment, paid));
    },
  };
}

async function workspaceOfWallet(db: Db, walletId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('wallets')
    .select('workspace_id')
    .where('id', '=', walletId)
    .where('livemode', '=', true)
    .executeTakeFirst();
  return row?.workspace_id;
}

function flagged(note: string): EventResult {
  return { state: 'flagged', note };
}
