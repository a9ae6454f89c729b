import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { paymentPage, paymentReport } from '../billing/payment-reports.ts';
import type { PaymentProvider } from '../billing/provider.ts';
import { requestsAbout } from '../billing/staff-request-reports.ts';
import { receiptNumberOf } from '../billing/orders.ts';
import type { Connections } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState } from '../lib/forms.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { auditOf } from '../workspaces/audit-reports.ts';
import { refundable, takeInRefundForm } from './refund-form.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';
import { awaitsTransfer, takeInTransferForm } from './transfer-form.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

const STATUSES = ['pending', 'completed', 'failed', 'cancelled', 'refunded', 'disputed'] as const;
const ListQuery = z.object({
  status: z.enum(STATUSES).optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
  customer: z.uuid().optional().catch(undefined),
  number: z.string().trim().min(1).max(60).optional().catch(undefined),
});

/** All payments of all customers, and each with what came of it; mounted under /admin. */
export function paymentRoutes({ connections }: Dependencies): StaffRoutes {
  const routes = new StaffRoutes();

  routes.get('/payments', 'look', async (req, res) => {
    const filters = ListQuery.parse(req.query);
    const { status, before, customer, number } = filters;
    const of = { ...filters, workspace_id: customer };
    const { payments, older } = await paymentPage(connections.staff, of);
    const whose = customer === undefined ? '' : `customer=${customer}&`;
    const filter = `${whose}${status === undefined ? '' : `status=${status}&`}`;
    sendPage(req, res, 'admin/payments', {
      payments,
      statuses: STATUSES,
      status: status ?? '',
      number: number ?? '',
      older: older === undefined ? undefined : `/admin/payments?${filter}before=${older}`,
      first_page: before === undefined,
    });
  });

  routes.get('/payments/:id', 'look', async (req, res) => {
    sendPayment(req, res, await reportOf(connections, idIn(req, 'payment')), EMPTY_FORM);
  });

  routes.post('/payments/:id/refund', 'payments.refund', async (req, res, staff) => {
    const report = await reportOf(connections, idIn(req, 'payment'));
    const taken = await takeInRefundForm(req, staff, connections, report);
    if (taken === undefined) redirect(req, res, `/admin/payments/${report.payment.id}`);
    else if ('waits' in taken) redirect(req, res, `/admin/approvals/${taken.waits}`);
    else sendPayment(req, res, report, taken.refused);
  });

  routes.post('/payments/:id/transfer', 'payments.book_transfer', async (req, res, staff) => {
    const report = await reportOf(connections, idIn(req, 'payment'));
    const refused = await takeInTransferForm(req, staff, connections, report);
    if (refused === undefined) redirect(req, res, `/admin/payments/${report.payment.id}`);
    else sendPayment(req, res, await reportOf(connections, report.payment.id), EMPTY_FORM, refused);
  });

  return routes;
}

/** @throws AppError 404 for what is no payment */
async function reportOf(connections: Connections, id: string) {
  const report = await paymentReport(connections.staff, id);
  if (report === undefined) throw notFound('payment');
  const { staff } = connections;
  const changes = await auditOf(staff, { kind: 'payment', id });
  return { ...report, changes, requests: await requestsAbout(staff, id) };
}

function sendPayment(
  req: Request,
  res: Response,
  report: Awaited<ReturnType<typeof reportOf>>,
  form: FormState,
  transferForm?: FormState,
): void {
  const { payment } = report;
  const refused = transferForm !== undefined || form !== EMPTY_FORM;
  const data = {
    ...report,
    receipt_number: receiptNumberOf(payment),
    at_stripe: stripeAddressOf(payment),
    refund: refundable(report),
    awaits_transfer: awaitsTransfer(report),
    // Shown again also when the order has been paid or cancelled meanwhile: it says so.
    transfer_form: transferForm ?? (awaitsTransfer(report) ? EMPTY_FORM : undefined),
    nonce: randomUUID(),
    form,
  };
  sendPage(req, res, 'admin/payment', data, refused ? 422 : 200);
}

/** Where Stripe shows it; undefined for what is not there. */
function stripeAddressOf({
  provider,
  livemode,
  payment_intent_id,
}: {
  provider: string;
  livemode: boolean;
  payment_intent_id: string | null;
}): string | undefined {
  if (provider !== 'stripe' || payment_intent_id === null) return undefined;
  const mode = livemode ? '' : 'test/';
  return `https://dashboard.stripe.com/${mode}payments/${encodeURIComponent(payment_intent_id)}`;
}
