/* Written by `npm run client` from the endpoints in src/api. */
export interface CorrectRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The code of an operation in the price book. */
  operation?: string | undefined;
  /** A decimal above 0, in the unit of the operation. */
  quantity?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface CorrectAnswer {
  corrected_entry: number;
  /** The entry that gave the charge back. */
  refund_entry: number;
  /** Credits, as a decimal string. */
  refunded: string;
  operation: string;
  quantity: string;
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** The number of the entry in its wallet. */
  entry: number;
  /** Credits, as a decimal string. */
  amount: string;
  /** What it would have cost, where that is another amount. */
  list_amount?: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  debt: string;
  at: string;
}
export interface EntriesRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
  /** Only entries after the one of this number. */
  above?: number | undefined;
  /** Only the entry that was asked for with it, by a key of the same owner. */
  idempotency_key?: string | undefined;
}
export interface EntriesAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  entries: {
    /** Its number in the wallet, from 1 without a gap. */
    entry: number;
    kind:
      | 'grant'
      | 'debit'
      | 'hold'
      | 'extension'
      | 'capture'
      | 'release'
      | 'refund'
      | 'expiry'
      | 'clawback'
      | 'reinstatement'
      | 'adjustment'
      | 'transfer_out'
      | 'transfer_in'
      | 'repayment'
      | 'write_off';
    /** Credits, as a decimal string. */
    amount: string;
    /** Credits, as a decimal string. */
    list_amount?: string;
    /** Why it cost less than `list_amount`. */
    waiver?: string;
    /** By how much it changed the balance. */
    change: string;
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** After it, as the three before. */
    balance: string;
    moves: {
      /** The lot; null for the wallet's debt. */
      lot: number | null;
      from: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
      to: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
      /** Credits, as a decimal string. */
      amount: string;
    }[];
    operation?: string;
    quantity?: string;
    /** The entry that it is about or follows from. */
    parent?: number;
    payment?: string;
    /** Who asked: person, api_key, payment, job or system. */
    asked_by: string;
    /** The id of the key that asked. */
    api_key?: string;
    on_behalf_of?: string;
    /** Where keys of the same owner as this one asked for it. */
    idempotency_key?: string;
    at: string;
    occurred_at?: string;
    description?: string;
    reason?: string;
    metadata?: Record<string, unknown>;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
export interface EntryRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface EntryAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** Its number in the wallet, from 1 without a gap. */
  entry: number;
  kind:
    | 'grant'
    | 'debit'
    | 'hold'
    | 'extension'
    | 'capture'
    | 'release'
    | 'refund'
    | 'expiry'
    | 'clawback'
    | 'reinstatement'
    | 'adjustment'
    | 'transfer_out'
    | 'transfer_in'
    | 'repayment'
    | 'write_off';
  /** Credits, as a decimal string. */
  amount: string;
  /** Credits, as a decimal string. */
  list_amount?: string;
  /** Why it cost less than `list_amount`. */
  waiver?: string;
  /** By how much it changed the balance. */
  change: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  debt: string;
  /** After it, as the three before. */
  balance: string;
  moves: {
    /** The lot; null for the wallet's debt. */
    lot: number | null;
    from: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
    to: 'outside' | 'available' | 'held' | 'consumed' | 'expired' | 'removed' | 'debt';
    /** Credits, as a decimal string. */
    amount: string;
    /** Where the lot came from. */
    source?: string;
    lot_description?: string;
  }[];
  operation?: string;
  quantity?: string;
  /** The entry that it is about or follows from. */
  parent?: number;
  payment?: string;
  /** Who asked: person, api_key, payment, job or system. */
  asked_by: string;
  /** The id of the key that asked. */
  api_key?: string;
  on_behalf_of?: string;
  /** Where keys of the same owner as this one asked for it. */
  idempotency_key?: string;
  at: string;
  occurred_at?: string;
  description?: string;
  reason?: string;
  metadata?: Record<string, unknown>;
  /** What made the amount; they add up to it. */
  lines: {
    code: string;
    label: string;
    unit: string;
    quantity: string;
    /** Credits for one unit. */
    price: string;
    /** Credits, as a decimal string. */
    amount: string;
    /** The id of the version of the price rule. */
    rule: string;
    version: number;
  }[];
  /** What the same request wrote after it. */
  followed_by: {
    entry: number;
    kind:
      | 'grant'
      | 'debit'
      | 'hold'
      | 'extension'
      | 'capture'
      | 'release'
      | 'refund'
      | 'expiry'
      | 'clawback'
      | 'reinstatement'
      | 'adjustment'
      | 'transfer_out'
      | 'transfer_in'
      | 'repayment'
      | 'write_off';
    /** Credits, as a decimal string. */
    amount: string;
  }[];
  /** What came back of it since: of a charge by refunds, of a grant by clawbacks, of a clawback by a reinstatement. */
  reversed: string;
  request_id?: string;
}
