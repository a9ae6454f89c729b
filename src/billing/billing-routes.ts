import { type Request, type Response, Router, raw } from 'express';
import { z } from 'zod';
import { writtenMoney } from '../core/money.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { redirect, redirectAway, sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import { buyersOnly } from './buy/buyers.ts';
import { BuyForm, sendBuy } from './buy/page.ts';
import { applied, ordered, promoOf } from './buy/orders.ts';
import { returnPath } from './buy/return-paths.ts';
import { sendRunOut } from './buy/run-out.ts';
import { startCheckout } from './checkout.ts';
import { OWN_AMOUNT } from './free-amounts.ts';
import { type Payment, findPayment, receiptNumberOf } from './orders.ts';
import { abandon, checkWhenLate } from './payments/checks.ts';
import { promoTries } from './promo-codes/tries.ts';
import { type PaymentProvider, whileBuyingIsOn } from './provider.ts';
import { accountFor } from './transfers.ts';
import { receiveEvent, verifiedEvent } from './webhook.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  baseUrl: string;
}

const FROZEN = 'The wallet is frozen. Nothing was ordered.';

/** Buying: for members under /w/:slug, for a customer under /c/:slug. */
export function billingRoutes({ connections, provider, baseUrl }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  const shop = { connections, provider };
  const tries = promoTries(connections.plain);

  router.get('/buy', async (req, res) => {
    const left = await leave(req, shop);
    if (left !== undefined && left.completed_at !== null) {
      redirect(req, res, `${shownIn(req).base}/payments/${left.id}`);
      return;
    }
    const form = left === undefined ? EMPTY_FORM : { ...EMPTY_FORM, values: valuesOf(left) };
    const promo = left && (await promoOf(req, connections, left));
    await sendBuy(req, res, shop, form, { cancelled: left !== undefined, promo });
  });

  router.get('/buy/run-out', (req, res) => sendRunOut(req, res, shop));

  router.post('/buy', buyersOnly, async (req, res) => {
    const workspace = shownIn(req);
    const form = parseForm(BuyForm, req.body);
    if (!form.ok) {
      await sendBuy(req, res, shop, form, { status: 422 });
      return;
    }
    const ordering = { connections, tries, order: form.data };
    if (form.data.do === 'promo') {
      const { form: state, options } = await applied(req, res, ordering);
      return sendBuy(req, res, shop, { ...form, ...state }, options);
    }
    const through = whileBuyingIsOn(provider);
    const { frozen } = await refreshPurse(connections, res, workspace.id);
    if (frozen) throw new AppError(403, 'wallet_frozen', FROZEN);
    const placed = await ordered(req, res, { ...ordering, through });
    if (placed.outcome !== 'placed') {
      return sendBuy(req, res, shop, { ...form, ...placed.form }, placed.options);
    }
    const { payment } = placed;
    const base = `${baseUrl}${workspace.base}`;
    // Sent again after it was paid: the truth is on its own page.
    if (payment.status !== 'pending') {
      redirect(req, res, `${workspace.base}/payments/${payment.id}`);
      return;
    }
    try {
      const url = await startCheckout(connections, through, {
        payment,
        buyer: { name: workspace.name, email: emailOf(req) },
        locale: req.customer === undefined ? req.user?.locale : undefined,
        returnUrl: `${base}/payments/${payment.id}`,
        cancelUrl: `${base}/buy?cancelled=${payment.id}`,
      });
      redirectAway(req, res, url, [through.checkoutOrigin]);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logFailure(req, payment, error);
      await sendNotStarted(req, res, shop, { form, payment, error });
    }
  });

  router.get('/payments/:id', async (req, res) => {
    const payment = await lookAt(req, shop, req.params.id);
    if (payment === undefined) throw notFound('payment');
    const balance = await refreshPurse(connections, res, shownIn(req).id);
    const isTransfer = payment.provider === 'transfer';
    sendPage(req, res, 'billing/payment', {
      payment: shownPayment(payment),
      back: returnPath(shownIn(req).base, payment.return_path),
      transfer: isTransfer ? await accountFor(connections.app, payment) : undefined,
      refresh: payment.status === 'pending' && !isTransfer,
      available_micro: balance.available_micro,
    });
  });

  return router;
}

/** The page again, with the order as it is kept and why there is no payment page for it. */
async function sendNotStarted(
  req: Request,
  res: Response,
  dependencies: Pick<Dependencies, 'connections' | 'provider'>,
  { form, payment, error }: { form: Pick<FormState, 'values'>; payment: Payment; error: AppError },
): Promise<void> {
  const promo = await promoOf(req, dependencies.connections, payment);
  const state = { ...form, errors: {}, refusal: error.message };
  await sendBuy(req, res, dependencies, state, { status: error.status, promo });
}

/** The payment as it is, after asking Stripe if its webhook is late. */
async function lookAt(
  req: Request,
  { connections, provider }: Pick<Dependencies, 'connections' | 'provider'>,
  id: unknown,
): Promise<Payment | undefined> {
  const payment = await paymentOf(req, connections, id);
  if (payment?.status !== 'pending' || provider.mode === 'off') return payment;
  await checkWhenLate({ connections, provider, log: req.log }, payment);
  return paymentOf(req, connections, id);
}

/** The order whose payment page was left, after it was closed, unless it was paid in another tab. */
async function leave(
  req: Request,
  { connections, provider }: Pick<Dependencies, 'connections' | 'provider'>,
): Promise<Payment | undefined> {
  const payment = await paymentOf(req, connections, req.query['cancelled']);
  if (payment === undefined || provider.mode === 'off') return payment;
  await abandon({ connections, provider, log: req.log }, payment);
  return paymentOf(req, connections, payment.id);
}

/** Where Stripe tells what happened; mounted before anything reads a body. */
export function webhookRoutes({
  connections,
  provider,
  onEvent,
}: Omit<Dependencies, 'baseUrl'> & {
  /** Is told how late an event is taken in, in seconds. */
  onEvent: (lag: number) => void;
}): Router {
  const router = Router();
  const body = raw({ type: () => true, limit: '1mb' });
  router.post('/webhooks/stripe', body, async (req, res) => {
    if (provider.mode === 'off') throw notFound();
    const payload: unknown = req.body;
    if (!Buffer.isBuffer(payload)) throw new AppError(400, 'body_missing', 'The body is empty.');
    const event = verifiedEvent(provider, payload, req.get('Stripe-Signature'));
    await receiveEvent(connections, provider, event);
    onEvent(Math.max(0, Date.now() / 1_000 - event.created));
    res.json({ received: true });
  });
  return router;
}

/** Wrong keys get better by nobody's trying again: the seller has to look. */
function logFailure({ log }: Request, payment: Payment, error: AppError): void {
  const about = { err: error.cause, payment: payment.id };
  if (error.code === 'stripe_refused') log.error(about, 'Stripe refuses the keys or the order');
  else log.warn(about, 'Stripe did not make a payment page');
}

function emailOf({ customer, user }: Request): string | undefined {
  return customer === undefined ? user?.email : (customer.email ?? undefined);
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

/** What the form of an order said. */
function valuesOf({
  sold,
  currency,
  subtotal_minor,
  return_path,
}: Payment): Record<string, string> {
  const amount = sold.package === OWN_AMOUNT ? writtenMoney(subtotal_minor, currency) : '';
  const values = { package: sold.package, currency, amount, promo: sold.promo?.code ?? '' };
  return return_path === null ? values : { ...values, back: return_path };
}

function shownPayment(payment: Payment) {
  return {
    ...payment,
    completed_at: payment.completed_at ?? undefined,
    duplicate_of: payment.duplicate_of ?? undefined,
    package_name: payment.sold.name,
    credits_micro: payment.sold.credits_micro,
    bonus_micro: payment.sold.bonus_micro,
    receipt_number: receiptNumberOf(payment),
  };
}
