import { endpoint, type Endpoint } from '../api.ts';
import { plainParameters as plain } from '../parameters.ts';
import { cancelSubscription } from './cancellations.ts';
import {
  invoiceLinesParameters,
  invoiceListParameters,
  invoicePaymentListParameters,
  invoicePayParameters,
} from './invoice-parameters.ts';
import { payInvoice, voidOpenInvoice } from './invoice-payments.ts';
import {
  findInvoice,
  findInvoicePayment,
  listInvoiceLines,
  listInvoicePayments,
  listInvoices,
} from './invoices.ts';
import { createPortalSession, portalCreateParameters } from './portal-sessions.ts';
import { previewInvoice } from './previews.ts';
import {
  priceCreateParameters,
  priceListParameters,
  priceUpdateParameters,
} from './price-parameters.ts';
import { createPrice, findPrice, listPrices, updatePrice } from './prices.ts';
import {
  createProduct,
  findProduct,
  listProducts,
  productCreateParameters,
  productListParameters,
  productUpdateParameters,
  updateProduct,
} from './products.ts';
import {
  previewParameters,
  subscriptionCancelParameters,
  subscriptionListParameters,
  subscriptionUpdateParameters,
} from './subscription-parameters.ts';
import { findSubscription, listSubscriptions } from './subscriptions.ts';
import { updateSubscription } from './updates.ts';

/** What is sold, what was subscribed to, and what is paid for it. */
export const subscriptionEndpoints: readonly Endpoint[] = [
  endpoint('post', '/products', 'product', productCreateParameters, createProduct),
  endpoint('get', '/products', 'products', productListParameters, listProducts),
  endpoint('get', '/products/:id', 'product', plain, (context, _, { id }) =>
    findProduct(context, id),
  ),
  endpoint('post', '/products/:id', 'product', productUpdateParameters, updateProduct),
  endpoint('post', '/prices', 'price', priceCreateParameters, createPrice),
  endpoint('get', '/prices', 'prices', priceListParameters, listPrices),
  endpoint('get', '/prices/:id', 'price', plain, (context, _, { id }) => findPrice(context, id)),
  endpoint('post', '/prices/:id', 'price', priceUpdateParameters, updatePrice),
  endpoint('get', '/subscriptions', 'subscriptions', subscriptionListParameters, listSubscriptions),
  endpoint('get', '/subscriptions/:id', 'subscription', plain, (context, _, { id }) => {
    return findSubscription(context, id).subscription;
  }),
  endpoint(
    'delete',
    '/subscriptions/:id',
    'subscription',
    subscriptionCancelParameters,
    cancelSubscription,
  ),
  endpoint(
    'post',
    '/subscriptions/:id',
    'subscription',
    subscriptionUpdateParameters,
    updateSubscription,
  ),
  endpoint('post', '/invoices/create_preview', 'invoice', previewParameters, previewInvoice),
  endpoint(
    'post',
    '/billing_portal/sessions',
    'portal',
    portalCreateParameters,
    createPortalSession,
  ),
  endpoint('get', '/invoices', 'invoices', invoiceListParameters, listInvoices),
  endpoint('get', '/invoices/:id', 'invoice', plain, (context, _, { id }) =>
    findInvoice(context, id),
  ),
  endpoint(
    'get',
    '/invoices/:id/lines',
    'invoice_lines',
    invoiceLinesParameters,
    (context, parameters, { id }) => listInvoiceLines(context, id, parameters),
  ),
  endpoint('post', '/invoices/:id/pay', 'invoice', invoicePayParameters, payInvoice),
  endpoint('post', '/invoices/:id/void', 'invoice', plain, voidOpenInvoice),
  endpoint(
    'get',
    '/invoice_payments',
    'invoice_payments',
    invoicePaymentListParameters,
    listInvoicePayments,
  ),
  endpoint('get', '/invoice_payments/:id', 'invoice_payment', plain, (context, _, { id }) =>
    findInvoicePayment(context, id),
  ),
];
