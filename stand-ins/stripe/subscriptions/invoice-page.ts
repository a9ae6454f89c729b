import { Router, type Response } from 'express';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { documentOf } from '../markup.ts';
import { sendPage } from '../page-answers.ts';
import { createMethod } from '../payment-methods.ts';
import { cardNamed, cardOf } from '../test-cards.ts';
import { collect, payingCard } from './collection.ts';
import { renderInvoice } from './invoice-markup.ts';
import { payByOwner } from './invoice-payments.ts';
import { intentOfInvoice, subscriptionOf } from './invoices.ts';
import type { Invoice } from './objects.ts';
import { findSubscription } from './subscriptions.ts';

/** The page at an invoice's `hosted_invoice_url`, where its owner pays what is open. */
export function invoiceRouter(context: Context): Router {
  const router = Router();
  router.get('/i/:id', (request, response) => {
    show(context, context.store.invoices.get(request.params.id), response);
  });
  router.post('/i/:id/:action', (request, response) => {
    const invoice = context.store.invoices.get(request.params.id);
    if (invoice?.status === 'open') {
      const card = new URLSearchParams(z.string().catch('').parse(request.body)).get('card') ?? '';
      pay(context, invoice, { card, declines: request.params.action === 'decline' });
      context.store.save();
    }
    response.redirect(303, `/i/${request.params.id}`);
  });
  return router;
}

function pay(
  context: Context,
  invoice: Invoice,
  { card, declines }: { card: string; declines: boolean },
): void {
  const record = findSubscription(context, subscriptionOf(invoice));
  const kept = card === 'kept' ? payingCard(context, record)?.payment_method : undefined;
  const method = kept ?? createMethod(context, cardNamed(card));
  if (declines || cardOf(method).never_pays) {
    const refusal = { method, automatic: false, behaviour: 'declines' } as const;
    collect(context, record, invoice, refusal, {});
  } else {
    payByOwner(context, invoice, method, {});
  }
}

function show(context: Context, invoice: Invoice | undefined, response: Response): void {
  if (invoice === undefined || invoice.status === 'draft') {
    const html = documentOf('Not found', '<h1>Not found</h1>\n<p>No invoice has this address.</p>');
    sendPage(response, html, { status: 404 });
    return;
  }
  const record = findSubscription(context, subscriptionOf(invoice));
  const error = intentOfInvoice(context, invoice)?.last_payment_error ?? null;
  const html = renderInvoice({
    invoice,
    refused: error?.message ?? null,
    kept: payingCard(context, record)?.payment_method,
  });
  sendPage(response, html);
}
