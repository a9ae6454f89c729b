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
import {
  customerMethodListParameters,
  detachMethod,
  findMethod,
  listMethods,
  methodDetachParameters,
  methodListParameters,
  methodRetrieveParameters,
} from './payment-methods.ts';
import { findCharge, findIntent } from './payments.ts';
import {
  sessionCreateParameters,
  sessionExpireParameters,
  sessionLinesParameters,
  sessionListParameters,
  sessionRetrieveParameters,
} from './session-parameters.ts';
import { findSetupIntent } from './setup-intents.ts';

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
  endpoint(
    'get',
    '/customers/:id/payment_methods',
    'methods',
    customerMethodListParameters,
    (context, parameters, { id }) => {
      const place = { url: `/v1/customers/${id}/payment_methods`, param: 'id' };
      return listMethods(context, id, parameters, place);
    },
  ),
  endpoint(
    'get',
    '/payment_methods',
    'methods',
    methodListParameters,
    (context, { customer, ...parameters }) => {
      const place = { url: '/v1/payment_methods', param: 'customer' };
      return listMethods(context, customer, parameters, place);
    },
  ),
  endpoint(
    'get',
    '/payment_methods/:id',
    'method',
    methodRetrieveParameters,
    (context, _, { id }) => findMethod(context, id),
  ),
  endpoint(
    'post',
    '/payment_methods/:id/detach',
    'method',
    methodDetachParameters,
    (context, _, { id, request }) => detachMethod(context, id, { request }),
  ),
  endpoint('get', '/setup_intents/:id', 'setup', plain, (context, _, { id }) =>
    findSetupIntent(context, id),
  ),
  endpoint('get', '/payment_intents/:id', 'intent', plain, (context, _, { id }) =>
    findIntent(context, id),
  ),
  endpoint('get', '/charges/:id', 'charge', plain, (context, _, { id }) => findCharge(context, id)),
  ...subscriptionEndpoints,
  endpoint('get', '/events', 'events', eventListParameters, listEvents),
  endpoint('get', '/events/:id', 'event', eventRetrieveParameters, (context, _, { id }) => {
    return retrieveEvent(context, id);
  }),
];
