import { endpoint, type Endpoint } from './api.ts';
import {
  createSession,
  expireSession,
  findCheckout,
  listSessionLines,
  listSessions,
} from './checkout-sessions.ts';
import { customerEndpoints } from './customer-endpoints.ts';
import {
  eventListParameters,
  eventRetrieveParameters,
  listEvents,
  retrieveEvent,
} from './events.ts';
import { paymentEndpoints } from './payment-endpoints.ts';
import {
  sessionCreateParameters,
  sessionExpireParameters,
  sessionLinesParameters,
  sessionListParameters,
  sessionRetrieveParameters,
} from './session-parameters.ts';

import { subscriptionEndpoints } from './subscriptions/endpoints.ts';

const plain = sessionRetrieveParameters;

/** Every endpoint of Stripe's that this server speaks. */
export const endpoints: readonly Endpoint[] = [
  endpoint(
    'post',
    '/checkout/sessions',
    'session',
    sessionCreateParameters,
    (context, parameters, { request }) => createSession(context, parameters, { request }),
  ),
  endpoint('get', '/checkout/sessions', 'sessions', sessionListParameters, listSessions),
  endpoint('get', '/checkout/sessions/:id', 'session', plain, (context, _, { id }) => {
    return findCheckout(context, id).session;
  }),
  endpoint(
    'get',
    '/checkout/sessions/:id/line_items',
    'items',
    sessionLinesParameters,
    (context, parameters, { id }) => listSessionLines(context, id, parameters),
  ),
  endpoint(
    'post',
    '/checkout/sessions/:id/expire',
    'session',
    sessionExpireParameters,
    (context, _, { id, request }) => expireSession(context, id, request),
  ),
  ...customerEndpoints,
  ...paymentEndpoints,
  ...subscriptionEndpoints,
  endpoint('get', '/events', 'events', eventListParameters, listEvents),
  endpoint('get', '/events/:id', 'event', eventRetrieveParameters, (context, _, { id }) => {
    return retrieveEvent(context, id);
  }),
];
