import { Router, type Request, type Response } from 'express';
import type Stripe from 'stripe';
import { z } from 'zod';
import { findCharge } from './charges.ts';
import { moveClock } from './clock-control.ts';
import { nowSeconds, type Context } from './context.ts';
import { parseDecimal } from './currencies.ts';
import { renderDashboard, type DashboardPayment } from './dashboard-markup.ts';
import {
  disputeAgainstRefund,
  disputesOf,
  DISPUTE_STATUSES,
  findDispute,
  isOpen,
  moveDispute,
  openDispute,
} from './disputes.ts';
import { StripeError } from './errors.ts';
import { idOf } from './identifiers.ts';
import { sendPage } from './page-answers.ts';
import { createRefund, findRefund, REFUND_STATUSES, settleRefund } from './refunds.ts';

const SHOWN = 25;
const DAY_SECONDS = 24 * 3600;
const STEPS = { day: DAY_SECONDS, week: 7 * DAY_SECONDS, month: 31 * DAY_SECONDS } as const;
const step = z.enum(['day', 'week', 'month']);

/** The page at `/`, on which a person does by buttons what the control API does. */
export function dashboardRouter(context: Context): Router {
  const router = Router();
  router.get('/', (_request, response) => show(context, response));
  const action = (path: string, work: (request: Request) => string): void => {
    router.post(path, (request, response) => {
      try {
        const charge = work(request);
        context.store.save();
        response.redirect(303, charge === '' ? '/' : `/#${charge}`);
      } catch (error) {
        if (!(error instanceof StripeError)) throw error;
        show(context, response, error.message);
      }
    });
  };
  paymentActions(context, action);
  action('/clock/:step', (request) => {
    moveClock(context, nowSeconds() + STEPS[step.catch('day').parse(request.params['step'])], {});
    return '';
  });
  action('/settings/:choice', (request) => {
    const refunds_pending = request.params['choice'] === 'refunds_pending';
    context.store.settings = { ...context.store.settings, refunds_pending };
    return '';
  });
  return router;
}

type Action = (path: string, work: (request: Request) => string) => void;

/** Each answers the charge that it was about. */
function paymentActions(context: Context, action: Action): void {
  action('/payments/:id/refund', (request) => {
    const charge = chargeIn(context, request);
    createRefund(context, { charge: charge.id, amount: amountIn(request, charge) }, {});
    return charge.id;
  });
  for (const [path, warning] of [
    ['/payments/:id/dispute', false],
    ['/payments/:id/inquire', true],
  ] as const) {
    action(path, (request) => {
      const charge = chargeIn(context, request);
      const amount = amountIn(request, charge);
      openDispute(context, { charge, amount, reason: 'fraudulent', warning });
      return charge.id;
    });
  }
  action('/disputes/:id/:status', (request) => {
    const dispute = findDispute(context, String(request.params['id']));
    moveDispute(context, dispute, statusIn(request, DISPUTE_STATUSES));
    return idOf(dispute.charge);
  });
  action('/refunds/:id/:status', (request) => {
    const refund = findRefund(context, String(request.params['id']));
    settleRefund(context, refund, statusIn(request, REFUND_STATUSES));
    return idOf(refund.charge);
  });
}

function show(context: Context, response: Response, problem?: string): void {
  const { store } = context;
  const paid = [...store.charges.values()].filter((charge) => charge.paid);
  const html = renderDashboard({
    payments: paid
      .slice(-SHOWN)
      .toReversed()
      .map((charge) => viewOf(context, charge)),
    now: nowSeconds(),
    refunds_pending: store.settings.refunds_pending === true,
    problem,
  });
  sendPage(response, html, { status: problem === undefined ? 200 : 422 });
}

function viewOf(context: Context, charge: Stripe.Charge): DashboardPayment {
  const refunds = [...context.store.refunds.values()].filter((one) => one.charge === charge.id);
  const disputes = disputesOf(context, charge.id);
  const left = charge.amount - charge.amount_refunded;
  return {
    charge,
    refunds: refunds.toReversed(),
    disputes: disputes.toReversed(),
    refundable: disputeAgainstRefund(context, charge.id) === undefined ? left : 0,
    disputable: left > 0 && !disputes.some(isOpen),
  };
}

function chargeIn(context: Context, request: Request): Stripe.Charge {
  return findCharge(context, String(request.params['id']));
}

/** The amount that was entered, in minor units; all that is left when none was. */
function amountIn(request: Request, { currency }: Stripe.Charge): number | undefined {
  const fields = new URLSearchParams(z.string().catch('').parse(request.body));
  const entered = fields.get('amount')?.trim() ?? '';
  if (entered === '') return undefined;
  const amount = parseDecimal(entered, currency);
  if (amount !== undefined && amount > 0) return amount;
  throw new StripeError({ status: 400, message: `This is not an amount: ${entered}` });
}

function statusIn<T extends string>(request: Request, known: readonly T[]): T {
  const status = known.find((one) => one === request.params['status']);
  if (status !== undefined) return status;
  throw new StripeError({ status: 400, message: 'There is no such button.' });
}
