import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { redirectAway, sendPage } from '../lib/rendering.ts';
import { shownIn } from '../workspaces/scope.ts';
import { type HowPaid, type Sheet, invoiceSheet } from './documents/sheets.ts';
import { pdfOf } from './documents.ts';
import { findInvoice } from './invoices.ts';
import { findPayment, receiptNumberOf } from './orders.ts';
import { paymentPage } from './payment-reports.ts';
import type { PaymentProvider } from './provider.ts';
import { hasStripeReceipt, stripeReceiptOf } from './documents/stripe-receipts.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

/** A workspace's payments and their invoices; mounted under /w/:slug and /c/:slug. */
export function invoiceRoutes({ connections, provider }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.get('/payments', async (req, res) => {
    const { base, id } = shownIn(req);
    const before = z.uuid().optional().catch(undefined).parse(req.query['before']);
    const page = await inWorkspace(connections.app, id, (trx) => paymentPage(trx, { before }));
    sendPage(req, res, 'billing/payments', {
      payments: page.payments,
      older: page.older === undefined ? undefined : `${base}/payments?before=${page.older}`,
      first_page: before === undefined,
    });
  });

  router.get('/payments/:id/invoice', async (req, res) => {
    const { sheet, paid } = await invoiceOf(req, connections);
    const list = `${shownIn(req).base}/payments`;
    const payment = `${list}/${req.params.id}`;
    sendPage(req, res, 'billing/document', {
      sheet,
      back: { href: list, label: 'Payments' },
      pdf: `${payment}/invoice.pdf`,
      stripe_receipt: hasStripeReceipt(provider, paid) ? `${payment}/stripe-receipt` : undefined,
    });
  });

  router.get('/payments/:id/invoice.pdf', async (req, res) => {
    const { sheet } = await invoiceOf(req, connections);
    await sendPdf(res, sheet);
  });

  router.get('/payments/:id/stripe-receipt', async (req, res) => {
    const id = paymentIdIn(req);
    const payment = await inWorkspace(connections.app, shownIn(req).id, (trx) =>
      findPayment(trx, id),
    );
    const intent = payment?.payment_intent_id ?? undefined;
    if (intent === undefined || provider.mode === 'off') throw notFound('receipt');
    const { url, origin } = await stripeReceiptOf(provider, intent);
    redirectAway(req, res, url, [origin]);
  });

  return router;
}

/** A document as a file; browsers show it, and name it when it is saved. */
export async function sendPdf(res: Response, sheet: Sheet): Promise<void> {
  const made = await pdfOf(sheet);
  const file = `${sheet.title} ${sheet.number}.pdf`.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
  res.set({ 'Cache-Control': 'no-store', 'Content-Disposition': `inline; filename="${file}"` });
  res.type('pdf').send(Buffer.from(made));
}

/** @throws AppError 404 for what is no payment of the workspace */
export function paymentIdIn(req: Request): string {
  const id = z.uuid().safeParse(req.params['id']);
  if (!id.success) throw notFound('payment');
  return id.data;
}

async function invoiceOf(
  req: Request,
  { app }: Connections,
): Promise<{ sheet: Sheet; paid: PaidBy }> {
  const id = paymentIdIn(req);
  const found = await inWorkspace(app, shownIn(req).id, async (trx) => {
    const [invoice, paid] = [await findInvoice(trx, id), await howPaid(trx, id)];
    return invoice === undefined || paid === undefined ? undefined : { invoice, paid };
  });
  if (found === undefined) throw notFound('invoice');
  const { invoice, paid } = found;
  return { sheet: invoiceSheet(invoice, paid), paid };
}

type PaidBy = HowPaid & { payment_intent_id: string | null };

async function howPaid(trx: Trx, paymentId: string): Promise<PaidBy | undefined> {
  const row = await trx
    .selectFrom('payments')
    .select(['id', 'provider', 'payment_intent_id', 'bank_received_on', 'bank_reference'])
    .where('id', '=', paymentId)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, payment_number: receiptNumberOf(row) };
}
