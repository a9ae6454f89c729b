/* Written by `npm run client` from the endpoints in src/api. */
import type * as Debits from './calls/debits.ts';
import type * as Holds from './calls/holds.ts';
import type * as Refunds from './calls/refunds.ts';
import type * as Entries from './calls/entries.ts';
import type * as Balance from './calls/balance.ts';
import type * as Lots from './calls/lots.ts';
import type * as Statement from './calls/statement.ts';
import type * as Usage from './calls/usage.ts';
import type * as Grants from './calls/grants.ts';
import type * as Customers from './calls/customers.ts';
import type * as Operations from './calls/operations.ts';
import type * as Quotes from './calls/quotes.ts';
export type * from './calls/debits.ts';
export type * from './calls/holds.ts';
export type * from './calls/refunds.ts';
export type * from './calls/entries.ts';
export type * from './calls/balance.ts';
export type * from './calls/lots.ts';
export type * from './calls/statement.ts';
export type * from './calls/usage.ts';
export type * from './calls/grants.ts';
export type * from './calls/customers.ts';
export type * from './calls/operations.ts';
export type * from './calls/quotes.ts';
/** What is told with every change: whether this is the first answer to its key again. */
export interface Replayable {
  replayed: boolean;
}
/** Each call by its name. */
export interface Calls {
  debit: { request: Debits.DebitRequest; answer: Debits.DebitAnswer & Replayable };
  hold: { request: Holds.HoldRequest; answer: Holds.HoldAnswer & Replayable };
  extend: { request: Holds.ExtendRequest; answer: Holds.ExtendAnswer & Replayable };
  capture: { request: Holds.CaptureRequest; answer: Holds.CaptureAnswer & Replayable };
  release: { request: Holds.ReleaseRequest; answer: Holds.ReleaseAnswer & Replayable };
  holds: { request: Holds.HoldsRequest; answer: Holds.HoldsAnswer };
  holdById: { request: Holds.HoldByIdRequest; answer: Holds.HoldByIdAnswer };
  refund: { request: Refunds.RefundRequest; answer: Refunds.RefundAnswer & Replayable };
  correct: { request: Entries.CorrectRequest; answer: Entries.CorrectAnswer & Replayable };
  balance: { request: Balance.BalanceRequest; answer: Balance.BalanceAnswer };
  entries: { request: Entries.EntriesRequest; answer: Entries.EntriesAnswer };
  entry: { request: Entries.EntryRequest; answer: Entries.EntryAnswer };
  lots: { request: Lots.LotsRequest; answer: Lots.LotsAnswer };
  lot: { request: Lots.LotRequest; answer: Lots.LotAnswer };
  statement: { request: Statement.StatementRequest; answer: Statement.StatementAnswer };
  usage: { request: Usage.UsageRequest; answer: Usage.UsageAnswer };
  grant: { request: Grants.GrantRequest; answer: Grants.GrantAnswer & Replayable };
  saveCustomer: { request: Customers.SaveCustomerRequest; answer: Customers.SaveCustomerAnswer };
  customers: { request: Customers.CustomersRequest; answer: Customers.CustomersAnswer };
  customer: { request: Customers.CustomerRequest; answer: Customers.CustomerAnswer };
  link: { request: Customers.LinkRequest; answer: Customers.LinkAnswer };
  operations: { request: Operations.OperationsRequest; answer: Operations.OperationsAnswer };
  operation: { request: Operations.OperationRequest; answer: Operations.OperationAnswer };
  quote: { request: Quotes.QuoteRequest; answer: Quotes.QuoteAnswer };
}
/** Where each call goes, under /api/v1. */
export const ROUTES: Readonly<Record<keyof Calls, { method: string; path: string }>> = {
  debit: { method: 'POST', path: '/debits' },
  hold: { method: 'POST', path: '/holds' },
  extend: { method: 'POST', path: '/holds/:hold_id/extend' },
  capture: { method: 'POST', path: '/holds/:hold_id/capture' },
  release: { method: 'POST', path: '/holds/:hold_id/release' },
  holds: { method: 'GET', path: '/holds' },
  holdById: { method: 'GET', path: '/holds/:hold_id' },
  refund: { method: 'POST', path: '/refunds' },
  correct: { method: 'POST', path: '/entries/:entry/correct' },
  balance: { method: 'GET', path: '/balance' },
  entries: { method: 'GET', path: '/entries' },
  entry: { method: 'GET', path: '/entries/:entry' },
  lots: { method: 'GET', path: '/lots' },
  lot: { method: 'GET', path: '/lots/:lot' },
  statement: { method: 'GET', path: '/statement' },
  usage: { method: 'GET', path: '/usage' },
  grant: { method: 'POST', path: '/grants' },
  saveCustomer: { method: 'POST', path: '/customers' },
  customers: { method: 'GET', path: '/customers' },
  customer: { method: 'GET', path: '/customers/:customer' },
  link: { method: 'POST', path: '/customers/:customer/links' },
  operations: { method: 'GET', path: '/operations' },
  operation: { method: 'GET', path: '/operations/:operation' },
  quote: { method: 'POST', path: '/quotes' },
};
