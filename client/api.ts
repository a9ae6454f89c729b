/* Written by `npm run client` from the endpoints in src/api. */
import type {
  BalanceRequest,
  Calls,
  CaptureRequest,
  CorrectRequest,
  CustomerRequest,
  CustomersRequest,
  DebitRequest,
  EntriesRequest,
  EntryRequest,
  ExtendRequest,
  GrantRequest,
  HoldByIdRequest,
  HoldRequest,
  HoldsRequest,
  LinkRequest,
  LotRequest,
  LotsRequest,
  OperationRequest,
  OperationsRequest,
  QuoteRequest,
  RefundRequest,
  ReleaseRequest,
  SaveCustomerRequest,
  StatementRequest,
  UsageRequest,
} from './calls.ts';
import { Caller } from './caller.ts';
import type { CallOptions } from './transport.ts';
/** The calls of the API, one for each endpoint. */
export class Api extends Caller {
  /** Charges a quantity of an operation at the price that is in force; or many debits in one request, each with its own key and its own answer. */
  debit(request: DebitRequest, options: CallOptions = {}): Promise<Calls['debit']['answer']> {
    return this.call('debit', request, options);
  }

  /** Sets credits apart for work in progress, at the price that is in force. */
  hold(request: HoldRequest, options: CallOptions = {}): Promise<Calls['hold']['answer']> {
    return this.call('hold', request, options);
  }

  /** Moves a hold's deadline to so many seconds from now, never nearer. */
  extend(
    hold_id: string | number,
    request: ExtendRequest,
    options: CallOptions = {},
  ): Promise<Calls['extend']['answer']> {
    return this.call('extend', request, options, hold_id);
  }

  /** Charges what was used of a hold, at the price that it was made at. */
  capture(
    hold_id: string | number,
    request: CaptureRequest,
    options: CallOptions = {},
  ): Promise<Calls['capture']['answer']> {
    return this.call('capture', request, options, hold_id);
  }

  /** Gives back what is left of a hold. */
  release(
    hold_id: string | number,
    request: ReleaseRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['release']['answer']> {
    return this.call('release', request, options, hold_id);
  }

  /** The holds of a wallet that are open, the next deadline first. */
  holds(request: HoldsRequest = {}, options: CallOptions = {}): Promise<Calls['holds']['answer']> {
    return this.call('holds', request, options);
  }

  /** A hold as it stands, open or settled. */
  holdById(
    hold_id: string | number,
    request: HoldByIdRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['holdById']['answer']> {
    return this.call('holdById', request, options, hold_id);
  }

  /** Gives credits back for a debit or capture: all that is left of it, or an amount. */
  refund(request: RefundRequest, options: CallOptions = {}): Promise<Calls['refund']['answer']> {
    return this.call('refund', request, options);
  }

  /** Puts a debit or capture right: gives back what is left of it and charges it anew as another quantity or operation, both or neither. */
  correct(
    entry: string | number,
    request: CorrectRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['correct']['answer']> {
    return this.call('correct', request, options, entry);
  }

  /** How a wallet stands now, or stood at a moment. */
  balance(
    request: BalanceRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['balance']['answer']> {
    return this.call('balance', request, options);
  }

  /** What happened to a wallet, the newest first. */
  entries(
    request: EntriesRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['entries']['answer']> {
    return this.call('entries', request, options);
  }

  /** Why an entry is what it is: its lots, its lines and prices, and what came back of it. */
  entry(
    entry: string | number,
    request: EntryRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['entry']['answer']> {
    return this.call('entry', request, options, entry);
  }

  /** The lots of a wallet and what became of each, the newest first. */
  lots(request: LotsRequest = {}, options: CallOptions = {}): Promise<Calls['lots']['answer']> {
    return this.call('lots', request, options);
  }

  /** A lot and what happened to it, the oldest first. A page may have fewer entries than asked for, or none, before the last. */
  lot(
    lot: string | number,
    request: LotRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['lot']['answer']> {
    return this.call('lot', request, options, lot);
  }

  /** A wallet from one moment to another: opening, entries by the page, closing. */
  statement(
    request: StatementRequest,
    options: CallOptions = {},
  ): Promise<Calls['statement']['answer']> {
    return this.call('statement', request, options);
  }

  /** What was used of each operation, by when it happened. Told are whole windows: from the one in which `from` lies to that of the last moment before `to`. */
  usage(request: UsageRequest, options: CallOptions = {}): Promise<Calls['usage']['answer']> {
    return this.call('usage', request, options);
  }

  /** Gives credits that were not bought: a promotion, a reward, a welcome, an import. */
  grant(request: GrantRequest, options: CallOptions = {}): Promise<Calls['grant']['answer']> {
    return this.call('grant', request, options);
  }

  /** Makes a customer, or changes what is given of one. The same request again changes nothing. */
  saveCustomer(
    request: SaveCustomerRequest,
    options: CallOptions = {},
  ): Promise<Calls['saveCustomer']['answer']> {
    return this.call('saveCustomer', request, options);
  }

  /** All customers, in the order in which they were made. */
  customers(
    request: CustomersRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['customers']['answer']> {
    return this.call('customers', request, options);
  }

  /** What is told of a customer. */
  customer(
    customer: string | number,
    request: CustomerRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['customer']['answer']> {
    return this.call('customer', request, options, customer);
  }

  /** Signs a short-lived link with which a customer sees balance, history and lots, and buys, without an account. */
  link(
    customer: string | number,
    request: LinkRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['link']['answer']> {
    return this.call('link', request, options, customer);
  }

  /** The operations on sale, with what each costs this customer now and will cost. */
  operations(
    request: OperationsRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['operations']['answer']> {
    return this.call('operations', request, options);
  }

  /** One operation, with what it costs this customer now and will cost. */
  operation(
    operation: string | number,
    request: OperationRequest = {},
    options: CallOptions = {},
  ): Promise<Calls['operation']['answer']> {
    return this.call('operation', request, options, operation);
  }

  /** Says what a debit would cost and how it would be answered; with `lock_seconds` its price is kept for so long. */
  quote(request: QuoteRequest, options: CallOptions = {}): Promise<Calls['quote']['answer']> {
    return this.call('quote', request, options);
  }
}
