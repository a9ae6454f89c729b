import { type Request, Router } from 'express';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import { ordered } from './buy/orders.ts';
import { BuyForm, sendBuy } from './buy/page.ts';
import { buyerOf, buyersOnly } from './buy/buyers.ts';
import { paymentIdIn, sendPdf } from './invoice-routes.ts';
import { type Payment, findPayment } from './orders.ts';
import { promoTries } from './promo-codes/tries.ts';
import type { PaymentProvider } from './provider.ts';
import { sellerOf } from './seller.ts';
import { cancelTransfer, proFormaOf } from './transfers.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

/** Buying by invoice and bank transfer; mounted under /w/:slug and /c/:slug. */
export function transferRoutes({ connections, provider }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  const tries = promoTries(connections.plain);

  router.post('/transfers', buyersOnly, async (req, res) => {
    const workspace = shownIn(req);
    const form = parseForm(BuyForm, req.body);
    if (!form.ok) {
      await sendBuy(req, res, { connections, provider }, form, { status: 422 });
      return;
    }
    const seller = await sellerOf(connections.app);
    if (seller.bank.length === 0) {
      throw new AppError(503, 'transfers_are_off', 'The seller takes no bank transfers.');
    }
    const balance = await refreshPurse(connections, res, workspace.id);
    if (balance.frozen) {
      throw new AppError(403, 'wallet_frozen', 'The wallet is frozen. Nothing was ordered.');
    }
    // A seller who tries Stripe out tries transfers out as well.
    const livemode = provider.mode === 'off' || provider.livemode;
    const through = { mode: 'transfer', livemode } as const;
    const ordering = { connections, tries, order: form.data, through };
    const placed = await ordered(req, res, ordering);
    if (placed.outcome !== 'placed') {
      await sendBuy(
        req,
        res,
        { connections, provider },
        { ...form, ...placed.form },
        placed.options,
      );
      return;
    }
    redirect(req, res, `${workspace.base}/payments/${placed.payment.id}`);
  });

  router.get('/payments/:id/pro-forma', async (req, res) => {
    const payment = await openTransferOf(req, connections);
    const href = `${shownIn(req).base}/payments/${payment.id}`;
    const sheet = await proFormaOf(connections.app, payment);
    const back = { href, label: 'Order' };
    const pdf = `${href}/pro-forma.pdf`;
    sendPage(req, res, 'billing/document', { sheet, back, pdf, stripe_receipt: undefined });
  });

  router.get('/payments/:id/pro-forma.pdf', async (req, res) => {
    const payment = await openTransferOf(req, connections);
    await sendPdf(res, await proFormaOf(connections.app, payment));
  });

  router.post('/payments/:id/cancel', buyersOnly, async (req, res) => {
    const id = paymentIdIn(req);
    const workspace = shownIn(req);
    const by = { actor: buyerOf(req), origin: originOf(req) };
    await inWorkspace(connections.app, workspace.id, async (trx) => {
      if ((await findPayment(trx, id)) === undefined) throw notFound('payment');
      await cancelTransfer(trx, id, by);
    });
    redirect(req, res, `${workspace.base}/payments/${id}`);
  });

  return router;
}

/** @throws AppError 404 for what waits for no transfer */
async function openTransferOf(req: Request, { app }: Connections): Promise<Payment> {
  const id = paymentIdIn(req);
  const payment = await inWorkspace(app, shownIn(req).id, (trx) => findPayment(trx, id));
  if (payment?.provider !== 'transfer' || payment.status !== 'pending') throw notFound('invoice');
  return payment;
}
