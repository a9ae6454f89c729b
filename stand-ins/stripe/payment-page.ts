import { readFileSync } from 'node:fs';
import { Router, type Response } from 'express';
import { z } from 'zod';
import type { Context } from './context.ts';
import { renderMissing, renderPayment } from './payment-markup.ts';
import { currentIntent, declineSession, linesToPay, paySession } from './payments.ts';
import type { Checkout, DeliveryPlanChange } from './state.ts';

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
    act(context, checkout, request.params.action, planOf(request.body));
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

function act(context: Context, { session }: Checkout, action: string, plan: DeliveryPlanChange) {
  if (action === 'pay') paySession(context, session.id, plan);
  if (action === 'decline') declineSession(context, session.id, plan);
}

/** Where an action leads away from the page, or null when it stays there. */
function leavingFor(checkout: Checkout, action: string): string | null {
  const { session } = checkout;
  if (action === 'pay' && session.status === 'complete') return successUrl(checkout);
  return action === 'cancel' && session.status === 'open' ? session.cancel_url : null;
}

function planOf(body: unknown): DeliveryPlanChange {
  const fields = new URLSearchParams(z.string().catch('').parse(body));
  return PLANS[planField.parse(fields.get('delivery'))];
}

function show(context: Context, checkout: Checkout | undefined, response: Response): void {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': contentSecurityPolicy(checkout),
    // Not no-referrer: a form would then be sent with the origin "null", and be refused.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  response.status(checkout === undefined ? 404 : 200).type('html');
  if (checkout === undefined) {
    response.send(renderMissing());
    return;
  }
  const error = currentIntent(context, checkout)?.last_payment_error ?? null;
  response.send(
    renderPayment({
      checkout,
      items: linesToPay(context, checkout),
      declined: checkout.session.status === 'open' && error !== null,
      success_url: successUrl(checkout),
      settings: context.store.settings,
    }),
  );
}

/** Browsers check a form's whole way, so the addresses to which it is redirected are named too. */
function contentSecurityPolicy(checkout: Checkout | undefined): string {
  const targets = [checkout?.session.success_url, checkout?.session.cancel_url].flatMap((url) =>
    url === null || url === undefined ? [] : [sourceOf(new URL(url))],
  );
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${["'self'", ...new Set(targets)].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A policy cannot name an IPv6 address; there the scheme has to do. */
function sourceOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.protocol : url.origin;
}
