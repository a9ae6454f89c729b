import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router, raw } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, redirectAway, sendPage } from '../lib/rendering.ts';
import { refreshPurse, scopeOf, shownIn } from '../workspaces/scope.ts';
import { startCheckout } from './checkout.ts';
import { type Buyer, type Payment, findPayment, placeOrder, receiptNumberOf } from './orders.ts';
import { type Package, betterValueOf, findPackage, packagesOnSale } from './packages.ts';
import type { PaymentProvider, WorkingProvider } from './provider.ts';
import { receiveEvent, verifiedEvent } from './webhook.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  baseUrl: string;
}

const BuyForm = z.object({
  package: z.string('Choose a package.').regex(/^[\w.-]{1,100}$/, 'Choose a package.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** Buying: for members under /w/:slug, for a customer under /c/:slug. */
export function billingRoutes({ connections, provider, baseUrl }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/buy', async (req, res) => {
    const left = await paymentOf(req, connections, req.query['cancelled']);
    const form =
      left === undefined ? EMPTY_FORM : { ...EMPTY_FORM, values: { package: left.sold.package } };
    await sendBuy(req, res, { connections, provider }, form, { cancelled: left !== undefined });
  });

  router.post('/buy', async (req, res) => {
    const workspace = shownIn(req);
    const form = parseForm(BuyForm, req.body);
    if (!form.ok) {
      await sendBuy(req, res, { connections, provider }, form, { status: 422 });
      return;
    }
    if (provider.mode === 'off') throw new AppError(503, 'buying_is_off', provider.reason);
    const balance = await refreshPurse(connections, res, workspace.id);
    if (balance.frozen) {
      throw new AppError(403, 'wallet_frozen', 'The wallet is frozen. Nothing was ordered.');
    }
    const payment = await ordered(req, connections, provider, form.data);
    if (payment === undefined) {
      const errors = { package: 'This package is not on sale any more. Choose another.' };
      await sendBuy(req, res, { connections, provider }, { ...form, errors }, { status: 422 });
      return;
    }
    const base = `${baseUrl}${workspace.base}`;
    const returnUrl = `${base}/payments/${payment.id}`;
    // Sent again after it was paid: the truth is on its own page.
    if (payment.status !== 'pending') {
      redirect(req, res, `${workspace.base}/payments/${payment.id}`);
      return;
    }
    try {
      const url = await startCheckout(connections, provider, {
        payment,
        email: req.customer === undefined ? req.user?.email : (req.customer.email ?? undefined),
        returnUrl,
        cancelUrl: `${base}/buy?cancelled=${payment.id}`,
      });
      redirectAway(req, res, url, [provider.checkoutOrigin]);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      req.log.error(
        { err: error.cause, payment: payment.id },
        'Stripe did not make a payment page',
      );
      const refused = { ...form, errors: {}, refusal: error.message };
      await sendBuy(req, res, { connections, provider }, refused, { status: error.status });
    }
  });

  router.get('/payments/:id', async (req, res) => {
    const workspace = shownIn(req);
    const payment = await paymentOf(req, connections, req.params.id);
    if (payment === undefined) throw notFound('payment');
    const balance = await refreshPurse(connections, res, workspace.id);
    sendPage(req, res, 'billing/payment', {
      payment: shownPayment(payment),
      refresh: payment.status === 'pending',
      available_micro: balance.available_micro,
    });
  });

  return router;
}

/** Where Stripe tells what happened; mounted before anything reads a body. */
export function webhookRoutes({ connections, provider }: Omit<Dependencies, 'baseUrl'>): Router {
  const router = Router();
  const body = raw({ type: () => true, limit: '1mb' });
  router.post('/webhooks/stripe', body, async (req, res) => {
    if (provider.mode === 'off') throw notFound();
    const payload: unknown = req.body;
    if (!Buffer.isBuffer(payload)) throw new AppError(400, 'body_missing', 'The body is empty.');
    const event = verifiedEvent(provider, payload, req.get('Stripe-Signature'));
    await receiveEvent(connections, provider, event);
    res.json({ received: true });
  });
  return router;
}

/** The payment of an order, new or found again; undefined when the package is not on sale. */
async function ordered(
  req: Request,
  connections: Connections,
  provider: WorkingProvider,
  order: z.output<typeof BuyForm>,
): Promise<Payment | undefined> {
  const workspace = shownIn(req);
  return inWorkspace(connections.app, workspace.id, async (trx) => {
    const chosen = await findPackage(trx, order.package, workspace.currency);
    if (chosen === undefined) return undefined;
    return placeOrder(trx, {
      workspace_id: workspace.id,
      buyer: buyerOf(req),
      package: chosen,
      nonce: order.nonce,
      provider: provider.mode,
      livemode: provider.livemode,
      origin: originOf(req),
    });
  });
}

/** A customer who came by a link is no person of ours, whoever else is signed in in the browser. */
function buyerOf(req: Request): Buyer {
  if (req.customer !== undefined) return { kind: 'customer', id: req.customer.id };
  return { kind: 'person', id: scopeOf(req).person.id };
}

/** A payment of the workspace by what a URL says; undefined for what is none, or somebody else's. */
async function paymentOf(
  req: Request,
  connections: Connections,
  value: unknown,
): Promise<Payment | undefined> {
  const id = z.uuid().safeParse(value);
  if (!id.success) return undefined;
  const workspace = shownIn(req);
  return inWorkspace(connections.app, workspace.id, (trx) => findPayment(trx, id.data));
}

async function sendBuy(
  req: Request,
  res: Response,
  { connections, provider }: Pick<Dependencies, 'connections' | 'provider'>,
  form: FormState,
  options: { cancelled?: boolean; status?: number } = {},
): Promise<void> {
  const workspace = shownIn(req);
  await refreshPurse(connections, res, workspace.id);
  const packages = await inWorkspace(connections.app, workspace.id, (trx) =>
    packagesOnSale(trx, workspace.currency),
  );
  const better = betterValueOf(packages);
  // An order that Stripe did not answer keeps its nonce, so that sending it again goes on with it.
  const nonce = options.status === 503 ? form.values['nonce'] : undefined;
  const data = {
    packages: packages.map((one) => shownPackage(one, better)),
    selected: form.values['package'] ?? '',
    nonce: nonce ?? randomUUID(),
    off_reason: provider.mode === 'off' ? provider.reason : undefined,
    simulated: provider.mode === 'simulated',
    cancelled: options.cancelled ?? false,
    form,
  };
  sendPage(req, res, 'billing/buy', data, options.status);
}

function shownPackage(one: Package, better: string | undefined) {
  const days = one.expires_after_days;
  return {
    ...one,
    better_value: one.code === better,
    expires_note:
      days === null ? undefined : days === 365 ? 'good for a year' : `good for ${days} days`,
  };
}

function shownPayment(payment: Payment) {
  return {
    ...payment,
    completed_at: payment.completed_at ?? undefined,
    package_name: payment.sold.name,
    credits_micro: payment.sold.credits_micro,
    bonus_micro: payment.sold.bonus_micro,
    receipt_number: receiptNumberOf(payment),
  };
}
