import { endpoint, type Endpoint } from './api.ts';
import { deleteCustomer } from './customer-deletion.ts';
import {
  customerCreateParameters,
  customerDeleteParameters,
  customerListParameters,
  customerRetrieveParameters,
  customerUpdateParameters,
  taxIdCreateParameters,
  taxIdListParameters,
} from './customer-parameters.ts';
import {
  createCustomer,
  findCustomer,
  listCustomers,
  retrieveCustomer,
  updateCustomer,
} from './customers.ts';
import { plainParameters } from './parameters.ts';
import {
  customerMethodListParameters,
  detachMethod,
  findMethod,
  listMethods,
  methodDetachParameters,
  methodListParameters,
  methodRetrieveParameters,
} from './payment-methods.ts';
import { findSetupIntent } from './setup-intents.ts';
import { createTaxId, listTaxIds } from './tax-ids.ts';

/** Customers and the cards that are kept on them. */
export const customerEndpoints: readonly Endpoint[] = [
  endpoint('post', '/customers', 'customer', customerCreateParameters, createCustomer),
  endpoint('get', '/customers', 'customers', customerListParameters, listCustomers),
  endpoint('get', '/customers/:id', 'customer', customerRetrieveParameters, (context, _, { id }) =>
    retrieveCustomer(context, id),
  ),
  endpoint(
    'post',
    '/customers/:id',
    'customer',
    customerUpdateParameters,
    (context, parameters, { id, request }) => updateCustomer(context, id, parameters, { request }),
  ),
  endpoint(
    'delete',
    '/customers/:id',
    'customer',
    customerDeleteParameters,
    (context, _, { id, request }) => deleteCustomer(context, id, { request }),
  ),
  endpoint(
    'get',
    '/customers/:id/tax_ids',
    'tax_ids',
    taxIdListParameters,
    (context, parameters, { id }) => {
      return listTaxIds(context, findCustomer(context, id).id, parameters);
    },
  ),
  endpoint(
    'post',
    '/customers/:id/tax_ids',
    'tax_id',
    taxIdCreateParameters,
    (context, parameters, { id }) => {
      return createTaxId(context, findCustomer(context, id).id, parameters);
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
  endpoint('get', '/setup_intents/:id', 'setup', plainParameters, (context, _, { id }) =>
    findSetupIntent(context, id),
  ),
];
