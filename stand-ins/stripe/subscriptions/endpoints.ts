import { endpoint, type Endpoint } from '../api.ts';
import { sessionRetrieveParameters } from '../session-parameters.ts';
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

const plain = sessionRetrieveParameters;

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
];
