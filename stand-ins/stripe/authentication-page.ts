import { Router } from 'express';
import type Stripe from 'stripe';
import type { Context } from './context.ts';
import { formatMinor } from './currencies.ts';
import { authenticateIntent } from './intent-confirmation.ts';
import { documentOf, escape } from './markup.ts';
import { sendPage } from './page-answers.ts';
import { findIntent } from './payment-intents.ts';

/** The page at which the owner of a card agrees to a payment, where the shop sent them. */
export function authenticationRouter(context: Context): Router {
  const router = Router();
  router.get('/authenticate/:id', (request, response) => {
    const intent = findIntent(context, request.params.id);
    const back = returnUrl(intent, 'failed');
    sendPage(response, renderQuestion(intent), { targets: back === undefined ? [] : [back] });
  });
  router.post('/authenticate/:id/:answer', (request, response) => {
    const { id, answer } = request.params;
    const intent = findIntent(context, id);
    const succeeds = answer === 'agree';
    const back = returnUrl(intent, succeeds ? 'succeeded' : 'failed');
    if (intent.status === 'requires_action') {
      authenticateIntent(context, intent, { succeeds });
      context.store.save();
    }
    response.redirect(303, back ?? `/authenticate/${id}`);
  });
  return router;
}

/** Where the owner goes afterwards, as Stripe says it. */
function returnUrl(intent: Stripe.PaymentIntent, redirect_status: string): string | undefined {
  const url = intent.next_action?.redirect_to_url?.return_url;
  if (url === undefined || url === null) return undefined;
  const back = new URL(url);
  back.searchParams.set('payment_intent', intent.id);
  back.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '');
  back.searchParams.set('redirect_status', redirect_status);
  return back.href;
}

function renderQuestion(intent: Stripe.PaymentIntent): string {
  const amount = escape(formatMinor(intent.amount, intent.currency));
  if (intent.status !== 'requires_action') {
    const said = intent.status === 'succeeded' ? 'This payment is made.' : 'Nothing was paid.';
    const state = `<p class="state" role="status">${said}</p>`;
    return documentOf('Payment', `<h1>${amount}</h1>\n${state}`);
  }
  const at = `/authenticate/${escape(intent.id)}`;
  return documentOf(
    'Confirm the payment',
    `<h1>${amount}</h1>
<p>The bank asks whether it is you who pays.</p>
<form method="post" action="${at}/agree">
<div class="actions">
<button class="main">It is me</button>
<button formaction="${at}/refuse">It is not me</button>
</div>
</form>`,
  );
}
