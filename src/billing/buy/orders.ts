import type { Request, Response } from 'express';
import type { z } from 'zod';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import type { FormState } from '../../lib/forms.ts';
import { originOf } from '../../lib/guards.ts';
import { shownIn } from '../../workspaces/scope.ts';
import type { BuyForm, BuyOptions } from './page.ts';
import { buyerOf } from './buyers.ts';
import { choose } from './catalogue.ts';
import { returnPath } from './return-paths.ts';
import { type Payment, placeOrder } from '../orders.ts';
import { type PromoCode, findPromoCode } from '../promo-codes.ts';
import { placeOrderWithPromo, tryPromo } from '../promo-codes/orders.ts';
import type { PromoTries } from '../promo-codes/tries.ts';

interface Ordering {
  connections: Connections;
  /** How it is to be paid. */
  through: { mode: Payment['provider']; livemode: boolean };
  tries: PromoTries;
  order: z.output<typeof BuyForm>;
}

/** The page again: with what is wrong, or with the code that was applied. */
interface Again {
  outcome: 'again';
  form: Pick<FormState, 'errors'>;
  options: BuyOptions;
}

/** The payment of an order, new or found again. */
export async function ordered(
  req: Request,
  res: Response,
  { connections, through, tries, order }: Ordering,
): Promise<{ outcome: 'placed'; payment: Payment } | Again> {
  const workspace = shownIn(req);
  const placed = await tries.count(req, res, order.promo, () =>
    inWorkspace(connections.app, workspace.id, async (trx) => {
      const chosen = await choose(trx, workspace.currency, order);
      if (chosen.outcome === 'refused') return { ...chosen, status: 422 } as const;
      const wanted = {
        workspace_id: workspace.id,
        buyer: buyerOf(req),
        package: chosen.offer,
        nonce: order.nonce,
        provider: through.mode,
        livemode: through.livemode,
        origin: originOf(req),
        return_path: returnPath(workspace.base, order.back),
      };
      if (order.promo !== '') return placeOrderWithPromo(trx, wanted, order.promo);
      return { outcome: 'placed', payment: await placeOrder(trx, wanted) } as const;
    }),
  );
  return placed.outcome === 'placed' ? placed : again(placed);
}

/** Looks at what somebody typed as a promo code, and shows the page with what it adds. */
export async function applied(
  req: Request,
  res: Response,
  { connections, tries, order }: Omit<Ordering, 'through'>,
): Promise<Again> {
  const { id: workspace_id } = shownIn(req);
  const { promo: text, package: wanted } = order;
  const wish = { workspace_id, buyer: buyerOf(req), text, package: wanted };
  if (text === '') return { outcome: 'again', form: { errors: {} }, options: {} };
  const tried = await tries.count(req, res, text, () =>
    inWorkspace(connections.app, workspace_id, (trx) => tryPromo(trx, wish)),
  );
  if (tried.outcome === 'refused') return again(tried);
  return { outcome: 'again', form: { errors: {} }, options: { promo: tried.promo } };
}

function again(refused: { field: string; sentence: string; status: number }): Again {
  const { field, sentence, status } = refused;
  return { outcome: 'again', form: { errors: { [field]: sentence } }, options: { status } };
}

/** The code of an order that was placed. */
export async function promoOf(
  req: Request,
  connections: Connections,
  { sold }: Payment,
): Promise<PromoCode | undefined> {
  const { promo } = sold;
  if (promo === undefined) return undefined;
  return inWorkspace(connections.app, shownIn(req).id, (trx) => findPromoCode(trx, promo.code));
}
