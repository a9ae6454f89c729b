/* Written by `npm run client` from the endpoints in src/api. */
export interface SaveCustomerRequest {
  /** The product's own id of its customer. */
  customer: string;
  name?: string | undefined;
  /** Where receipts go when they buy; null takes it away. */
  email?: string | null | undefined;
  /** In which their pages tell the time, and, if set before the first entry, days and months are counted. */
  time_zone?: string | undefined;
}
export interface SaveCustomerAnswer {
  customer: string;
  name: string;
  email: string | null;
  time_zone: string;
  currency: string;
  created_at: string;
}
export interface CustomersRequest {
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface CustomersAnswer {
  customers: {
    customer: string;
    name: string;
    email: string | null;
    time_zone: string;
    currency: string;
    created_at: string;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
export type CustomerRequest = Record<string, never>;
export interface CustomerAnswer {
  customer: string;
  name: string;
  email: string | null;
  time_zone: string;
  currency: string;
  created_at: string;
}
export interface LinkRequest {
  /** Which page it opens; the overview when absent. */
  page?: 'overview' | 'history' | 'buy' | undefined;
  /** How long it can be opened: an hour when absent. */
  ttl_seconds?: number | undefined;
}
export interface LinkAnswer {
  customer: string;
  page: 'overview' | 'history' | 'buy';
  url: string;
  expires_at: string;
}
