import express, { type ErrorRequestHandler, type Express } from 'express';
import { apiRouter } from './api.ts';
import { authenticationRouter } from './authentication-page.ts';
import { byClock } from './clock.ts';
import { expireDueSessions } from './checkout-sessions.ts';
import type { Context } from './context.ts';
import { controlRouter } from './control.ts';
import { dashboardRouter } from './dashboard-page.ts';
import { endpoints } from './endpoints.ts';
import { StripeError } from './errors.ts';
import { requireLoopbackHost, requireSameOrigin } from './loopback.ts';
import { pageRouter } from './payment-page.ts';
import { receiptRouter } from './receipt-page.ts';
import { invoiceRouter } from './subscriptions/invoice-page.ts';
import { portalRouter } from './subscriptions/portal-page.ts';
import { runOverdue } from './subscriptions/renewals.ts';

/** The whole server: Stripe's API, the payment page and the control API. */
export function createApp(context: Context): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireLoopbackHost, requireSameOrigin);
  app.use((_request, _response, next) => byClock(context.store.clock, next));
  app.use(express.text({ type: 'application/x-www-form-urlencoded', limit: '1mb' }));
  app.use((_request, _response, next) => {
    expireDueSessions(context);
    runOverdue(context);
    next();
  });
  app.use('/v1', apiRouter(context, endpoints));
  app.use('/_control', controlRouter(context));
  app.use(pageRouter(context));
  app.use(authenticationRouter(context));
  app.use(receiptRouter(context));
  app.use(invoiceRouter(context));
  app.use(portalRouter(context));
  app.use(dashboardRouter(context));
  app.use((_request, response) => {
    response.status(404).type('text').send('There is nothing at this address.\n');
  });
  app.use(answerError);
  return app;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const refusal = toStripeError(error);
  // An ordered fault is a StripeError too, and no fault of this server.
  if (refusal.status >= 500 && refusal !== error) console.error(error);
  response.status(refusal.status).json(refusal.body());
};

function toStripeError(error: unknown): StripeError {
  if (error instanceof StripeError) return error;
  // The body parsers' errors carry a status of their own: too large, not JSON, and so on.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    if (error.status < 500)
      return new StripeError({ status: error.status, message: error.message });
  }
  return new StripeError({ status: 500, type: 'api_error', message: 'The stand-in failed.' });
}
