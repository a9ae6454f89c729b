import { Router } from 'express';
import type Stripe from 'stripe';
import { findCharge } from './charges.ts';
import type { Context } from './context.ts';
import { formatMinor } from './currencies.ts';
import { cardText, documentOf, escape } from './markup.ts';
import { sendPage } from './page-answers.ts';

/** The page at a charge's `receipt_url`. */
export function receiptRouter(context: Context): Router {
  const router = Router();
  router.get('/receipts/:id', (request, response) => {
    sendPage(response, renderReceipt(findCharge(context, request.params.id)));
  });
  return router;
}

function renderReceipt(charge: Stripe.Charge): string {
  const money = (minor: number): string => formatMinor(minor, charge.currency);
  const rows = [
    ['Receipt', charge.id],
    ['Date', `${new Date(charge.created * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['For', charge.description ?? ''],
    ['To', charge.billing_details.email ?? ''],
    ['Card', cardText(charge)],
    ['Paid', money(charge.paid ? charge.amount : 0)],
    ['Refunded', charge.amount_refunded > 0 ? money(charge.amount_refunded) : ''],
  ];
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(
      ([name = '', value = '']) => `<tr><th scope="row">${name}</th><td>${escape(value)}</td></tr>`,
    );
  return documentOf(
    'Receipt',
    `<h1>${escape(money(charge.amount))}</h1>\n<table class="facts">\n<caption>Receipt</caption>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table>`,
  );
}
