import { endpoint, type Endpoint } from './api.ts';
import { chargeListParameters, findCharge, listCharges } from './charges.ts';
import { disputeListParameters, findDispute, listDisputes } from './disputes.ts';
import { plainParameters } from './parameters.ts';
import {
  intentCancelParameters,
  intentConfirmParameters,
  intentCreateParameters,
  intentListParameters,
  intentRetrieveParameters,
  intentUpdateParameters,
} from './payment-intent-parameters.ts';
import {
  cancelIntent,
  confirmById,
  createIntent,
  findIntent,
  listIntents,
  updateIntent,
} from './payment-intents.ts';
import {
  cancelRefund,
  createRefund,
  findRefund,
  listRefunds,
  refundCancelParameters,
  refundCreateParameters,
  refundListParameters,
  refundUpdateParameters,
  updateRefund,
} from './refunds.ts';

/** Payments and what becomes of them. */
export const paymentEndpoints: readonly Endpoint[] = [
  endpoint(
    'post',
    '/payment_intents',
    'intent',
    intentCreateParameters,
    (context, parameters, { request }) => createIntent(context, parameters, { request }),
  ),
  endpoint('get', '/payment_intents', 'intents', intentListParameters, listIntents),
  endpoint(
    'get',
    '/payment_intents/:id',
    'intent',
    intentRetrieveParameters,
    (context, _, { id }) => findIntent(context, id),
  ),
  endpoint(
    'post',
    '/payment_intents/:id',
    'intent',
    intentUpdateParameters,
    (context, parameters, { id }) => updateIntent(context, id, parameters),
  ),
  endpoint(
    'post',
    '/payment_intents/:id/confirm',
    'intent',
    intentConfirmParameters,
    (context, parameters, { id, request }) => confirmById(context, id, parameters, { request }),
  ),
  endpoint(
    'post',
    '/payment_intents/:id/cancel',
    'intent',
    intentCancelParameters,
    (context, parameters, { id, request }) => cancelIntent(context, id, parameters, { request }),
  ),
  endpoint('get', '/charges', 'charges', chargeListParameters, listCharges),
  endpoint('get', '/charges/:id', 'charge', plainParameters, (context, _, { id }) =>
    findCharge(context, id),
  ),
  endpoint(
    'post',
    '/refunds',
    'refund',
    refundCreateParameters,
    (context, parameters, { request }) => createRefund(context, parameters, { request }),
  ),
  endpoint('get', '/refunds', 'refunds', refundListParameters, listRefunds),
  endpoint('get', '/refunds/:id', 'refund', plainParameters, (context, _, { id }) =>
    findRefund(context, id),
  ),
  endpoint(
    'post',
    '/refunds/:id',
    'refund',
    refundUpdateParameters,
    (context, parameters, { id, request }) => updateRefund(context, id, parameters, { request }),
  ),
  endpoint(
    'post',
    '/refunds/:id/cancel',
    'refund',
    refundCancelParameters,
    (context, _, { id, request }) => cancelRefund(context, id, { request }),
  ),
  endpoint('get', '/disputes', 'disputes', disputeListParameters, listDisputes),
  endpoint('get', '/disputes/:id', 'dispute', plainParameters, (context, _, { id }) =>
    findDispute(context, id),
  ),
];
