import { endpoint, type Endpoint } from './api.ts';
import {
  createSession,
  expireSession,
  findCheckout,
  listSessionLines,
  listSessions,
} from './checkout-sessions.ts';
import {
  createCustomer,
  customerCreateParameters,
  customerListParameters,
  customerRetrieveParameters,
  findCustomer,
  listCustomers,
} from './customers.ts';
import {
  eventListParameters,
  eventRetrieveParameters,
  listEvents,
  retrieveEvent,
} from './events.ts';
import { findCharge, findIntent } from './payments.ts';
import {
  sessionCreateParameters,
  sessionExpireParameters,
  sessionLinesParameters,
  sessionListParameters,
  sessionRetrieveParameters,
} from './session-parameters.ts';

const plain = sessionRetrieveParameters;

/** Every endpoint of Stripe's that this server speaks. */
export const endpoints: readonly Endpoint[] = [
  endpoint('post', '/checkout/sessions', 'session', sessionCreateParameters, createSession),
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
  endpoint('post', '/customers', 'customer', customerCreateParameters, createCustomer),
  endpoint('get', '/customers', 'customers', customerListParameters, listCustomers),
  endpoint(
    'get',
    '/customers/:id',
    'customer',
    customerRetrieveParameters,
    (context, _, { id }) => {
      return findCustomer(context, id);
    },
  ),
  endpoint('get', '/payment_intents/:id', 'intent', plain, (context, _, { id }) =>
    findIntent(context, id),
  ),
  endpoint('get', '/charges/:id', 'charge', plain, (context, _, { id }) => findCharge(context, id)),
  endpoint('get', '/events', 'events', eventListParameters, listEvents),
  endpoint('get', '/events/:id', 'event', eventRetrieveParameters, (context, _, { id }) => {
    return retrieveEvent(context, id);
  }),
];
