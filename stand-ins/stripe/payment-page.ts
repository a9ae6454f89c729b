import { readFileSync } from 'node:fs';
import { Router, type Response } from 'express';
import { z } from 'zod';
import { readBuyer } from './buyer-fields.ts';
import type { Context } from './context.ts';
import { renderMissing, renderPayment } from './payment-markup.ts';
import { sendPage } from './page-answers.ts';
import { declineSession, isDeclined, linesToPay, paySession, type Payment } from './payments.ts';
import type { Checkout, DeliveryPlanChange } from './state.ts';
import { cardNamed } from './test-cards.ts';

const stylesheet = readFileSync(new URL('payment-page.css', import.meta.url), 'utf8');

/** What the page offers for the webhook; `as_set` leaves it to the settings. */
const PLANS = {
  as_set: {},
  at_once: { delay_ms: 0, copies: 1, hold: false },
  after_10_seconds: { delay_ms: 10_000, copies: 1, hold: false },
  five_times: { delay_ms: 0, copies: 5, hold: false },
  never: { hold: true },
} as const satisfies Record<string, DeliveryPlanChange>;

const planField = z
  .enum(['as_set', 'at_once', 'after_10_seconds', 'five_times', 'never'])
  .catch('as_set');

/** The page at a session's `url`, where a person pays, declines or cancels. */
export function pageRouter(context: Context): Router {
  const router = Router();
  router.get('/favicon.ico', (_request, response) => void response.status(204).end());
  router.get('/payment-page.css', (_request, response) => {
    response.type('css').set('X-Content-Type-Options', 'nosniff').send(stylesheet);
  });
  router.get('/c/pay/:id', (request, response) => {
    show(context, context.store.checkouts.get(request.params.id), response);
  });
  router.post('/c/pay/:id/:action', (request, response) => {
    const checkout = context.store.checkouts.get(request.params.id);
    if (checkout === undefined) {
      show(context, checkout, response);
      return;
    }
    const fields = new URLSearchParams(z.string().catch('').parse(request.body));
    const read = readBuyer(checkout, fields);
    if (request.params.action === 'pay' && 'problem' in read) {
      show(context, checkout, response, { fields, problem: read.problem });
      return;
    }
    const buyer = 'buyer' in read ? read.buyer : undefined;
    act(context, checkout, request.params.action, { ...paymentOf(fields), buyer });
    const leave = leavingFor(checkout, request.params.action);
    response.redirect(303, leave ?? `/c/pay/${checkout.session.id}`);
  });
  return router;
}

/** The address to which a paid session sends its buyer. */
export function successUrl({ session }: Checkout): string {
  const url = session.success_url ?? '';
  return new URL(url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)).href;
}

function act(context: Context, { session }: Checkout, action: string, payment: Payment) {
  if (action === 'pay') paySession(context, session.id, payment);
  if (action === 'decline') declineSession(context, session.id, payment);
}

/** Where an action leads away from the page, or null when it stays there. */
function leavingFor(checkout: Checkout, action: string): string | null {
  const { session } = checkout;
  if (action === 'pay' && session.status === 'complete') return successUrl(checkout);
  return action === 'cancel' && session.status === 'open' ? session.cancel_url : null;
}

function paymentOf(fields: URLSearchParams): Payment {
  const plan = PLANS[planField.parse(fields.get('delivery'))];
  return { card: cardNamed(fields.get('card') ?? ''), plan };
}

function show(
  context: Context,
  checkout: Checkout | undefined,
  response: Response,
  { fields, problem }: { fields?: URLSearchParams; problem?: string } = {},
): void {
  if (checkout === undefined) {
    sendPage(response, renderMissing(), { status: 404 });
    return;
  }
  const { cancel_url, success_url } = checkout.session;
  const html = renderPayment({
    checkout,
    items: linesToPay(context, checkout),
    declined: isDeclined(context, checkout),
    fields: fields ?? new URLSearchParams(),
    problem,
    success_url: successUrl(checkout),
    settings: context.store.settings,
  });
  const targets = [success_url, cancel_url].filter((url) => url !== null);
  sendPage(response, html, { status: problem === undefined ? 200 : 422, targets });
}
