/* Written by `npm run client` from the endpoints in src/api. */
export interface DebitRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The code of an operation in the price book. */
  operation: string;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** The quote that has locked the price. */
  quote?: string | undefined;
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** When it was, if not now; for analytics only. */
  occurred_at?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface DebitAnswer {
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
  operation: string;
  quantity: string;
}
export interface HoldRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The code of an operation in the price book. */
  operation: string;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** The quote that has locked the price. */
  quote?: string | undefined;
  /** How long it lasts from now. The limit of the wallet counts, if it is less. */
  ttl_seconds: number;
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface HoldAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface ExtendRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How long it lasts from now. The limit of the wallet counts, if it is less. */
  ttl_seconds: number;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface ExtendAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface CaptureRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** Keeps the rest of the hold for later captures. */
  more_to_follow?: boolean | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** When it was, if not now; for analytics only. */
  occurred_at?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface CaptureAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface ReleaseRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface ReleaseAnswer {
  hold_id: string;
  open: boolean;
  expires_at: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
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
export interface HoldsRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface HoldsAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  holds: {
    hold_id: string;
    /** Neither settled nor over its deadline. */
    open: boolean;
    /** What it set apart. */
    amount: string;
    /** Credits, as a decimal string. */
    captured: string;
    /** Credits, as a decimal string. */
    released: string;
    operation?: string;
    quantity?: string;
    on_behalf_of?: string;
    /** The entry that made it. */
    entry: number;
    created_at: string;
    expires_at: string;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
export interface HoldByIdRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface HoldByIdAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  hold_id: string;
  /** Neither settled nor over its deadline. */
  open: boolean;
  /** What it set apart. */
  amount: string;
  /** Credits, as a decimal string. */
  captured: string;
  /** Credits, as a decimal string. */
  released: string;
  operation?: string;
  quantity?: string;
  on_behalf_of?: string;
  /** The entry that made it. */
  entry: number;
  created_at: string;
  expires_at: string;
}
export interface RefundRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The number of the debit or capture in its wallet. */
  entry: number;
  /** Credits above 0, as a decimal string. */
  amount?: string | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface RefundAnswer {
  refunded_entry: number;
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
export interface BalanceRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How it stood at this moment. */
  at?: string | undefined;
  /** Tell what this operation can spend, too. */
  operation?: string | undefined;
}
export interface BalanceAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  debt: string;
  /** Available and held, less debt. */
  balance: string;
  /** The last entry by then; 0 when there was none. */
  entry: number;
  at?: string;
  level?: 'healthy' | 'low' | 'critical' | 'empty' | 'debt' | 'unlimited' | 'frozen';
  frozen?: boolean;
  unlimited?: boolean;
  operation?: string;
  /** Without the lots that are limited to other operations. */
  available_for_operation?: string;
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
export interface LotsRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface LotsAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  lots: {
    /** Its number in the wallet, from 1. */
    lot: number;
    source:
      | 'purchase'
      | 'bonus'
      | 'plan'
      | 'rollover'
      | 'welcome'
      | 'reward'
      | 'promo'
      | 'adjustment'
      | 'transfer'
      | 'import';
    /** The entry that granted it. */
    entry: number;
    description?: string;
    /** Credits, as a decimal string. */
    granted: string;
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    consumed: string;
    /** Credits, as a decimal string. */
    expired: string;
    /** Clawed back, sent to another wallet or taken away. */
    removed: string;
    granted_at: string;
    /** Null when it never does. */
    expires_at: string | null;
    /** The only operations that may spend it. */
    operations?: string[];
    payment?: string;
  }[];
  /** The `cursor` of the next page; null at the end. */
  next_cursor: string | null;
}
export interface LotRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface LotAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  /** Its number in the wallet, from 1. */
  lot: number;
  source:
    | 'purchase'
    | 'bonus'
    | 'plan'
    | 'rollover'
    | 'welcome'
    | 'reward'
    | 'promo'
    | 'adjustment'
    | 'transfer'
    | 'import';
  /** The entry that granted it. */
  entry: number;
  description?: string;
  /** Credits, as a decimal string. */
  granted: string;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  held: string;
  /** Credits, as a decimal string. */
  consumed: string;
  /** Credits, as a decimal string. */
  expired: string;
  /** Clawed back, sent to another wallet or taken away. */
  removed: string;
  granted_at: string;
  /** Null when it never does. */
  expires_at: string | null;
  /** The only operations that may spend it. */
  operations?: string[];
  payment?: string;
  /** What happened to it, the oldest first, each with its moves of this lot only. */
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
export interface StatementRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  from: string;
  /** Entries before this, and not at it. */
  to: string;
  /** How many at most. */
  limit?: number | undefined;
  /** The `next_cursor` of the page before. */
  cursor?: string | undefined;
}
export interface StatementAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  from: string;
  to: string;
  /** Just before `from`. */
  opening: {
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** Available and held, less debt. */
    balance: string;
  };
  /** Just before `to`. */
  closing: {
    /** Credits, as a decimal string. */
    available: string;
    /** Credits, as a decimal string. */
    held: string;
    /** Credits, as a decimal string. */
    debt: string;
    /** Available and held, less debt. */
    balance: string;
  };
  /** Opening, the changes of all entries and this come to closing: what expired before `from` and was written after it, less the same at `to`. Nearly always 0. */
  carried: string;
  /** What all its entries come to, by kind. */
  totals: {
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
    entries: number;
    /** Credits, as a decimal string. */
    amount: string;
    /** Credits, as a decimal string. */
    change: string;
  }[];
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
export interface UsageRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  from: string;
  to: string;
  /** By operation alone, or by hour, day, week or month too. */
  group_by?: 'operation' | 'hour' | 'day' | 'week' | 'month' | undefined;
  /** A time zone by its IANA name: whose hours, days, weeks from Monday and months they are. */
  time_zone?: string | undefined;
}
export interface UsageAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  usage: {
    starts_at: string;
    ends_at: string;
    operation: string;
    /** How often it was charged. */
    charges: number;
    /** In the unit of the operation. */
    quantity: string;
    /** What was charged, less what was refunded. */
    amount: string;
  }[];
}
export interface GrantRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** Credits above 0, as a decimal string. */
  amount: string;
  /** Where they come from, as people are told. */
  source: 'promo' | 'reward' | 'welcome' | 'adjustment' | 'import';
  /** Until when they can be spent; for ever when absent. */
  expires_at?: string | undefined;
  /** The lower, the sooner they are spent. An import has 30, all others have 10. */
  priority?: number | undefined;
  /** The only operations that they may be spent on; all when absent. */
  operations?: string[] | undefined;
  /** Kept beside the entry; can be erased. */
  description?: string | undefined;
  /** Up to 50 strings by name, kept too. */
  metadata?: Record<string, string> | undefined;
  /** With a key for tests only: when it is, after the last entry of the wallet and not in the future. */
  at?: string | undefined;
}
export interface GrantAnswer {
  source: 'promo' | 'reward' | 'welcome' | 'adjustment' | 'import';
  expires_at: string | null;
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
export interface CustomerRequest {}
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
export interface OperationsRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface OperationsAnswer {
  operations: {
    code: string;
    name: string;
    description: string;
    unit: string;
    price: {
      rule: string;
      version: number;
      /** For whom this price is. */
      scope: 'customer' | 'plan' | 'general';
      components: {
        code: string;
        label: string;
        unit: string;
        charge: 'flat' | 'per_unit';
        /** Credits, with up to twelve decimals. */
        price: string;
        step?: string;
        tiers?: {
          period: 'hour' | 'day' | 'week' | 'month' | 'all';
          mode: 'graduated' | 'volume';
          bands: {
            up_to: string;
            /** Credits, with up to twelve decimals. */
            price: string;
          }[];
        };
        /** Credits, with up to twelve decimals. */
        minimum?: string;
      }[];
    } | null;
    /** What it will cost, from when; null from when it is not on sale. */
    upcoming: {
      valid_from: string;
      price: {
        rule: string;
        version: number;
        /** For whom this price is. */
        scope: 'customer' | 'plan' | 'general';
        components: {
          code: string;
          label: string;
          unit: string;
          charge: 'flat' | 'per_unit';
          /** Credits, with up to twelve decimals. */
          price: string;
          step?: string;
          tiers?: {
            period: 'hour' | 'day' | 'week' | 'month' | 'all';
            mode: 'graduated' | 'volume';
            bands: {
              up_to: string;
              /** Credits, with up to twelve decimals. */
              price: string;
            }[];
          };
          /** Credits, with up to twelve decimals. */
          minimum?: string;
        }[];
      } | null;
    }[];
  }[];
}
export interface OperationRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
}
export interface OperationAnswer {
  code: string;
  name: string;
  description: string;
  unit: string;
  price: {
    rule: string;
    version: number;
    /** For whom this price is. */
    scope: 'customer' | 'plan' | 'general';
    components: {
      code: string;
      label: string;
      unit: string;
      charge: 'flat' | 'per_unit';
      /** Credits, with up to twelve decimals. */
      price: string;
      step?: string;
      tiers?: {
        period: 'hour' | 'day' | 'week' | 'month' | 'all';
        mode: 'graduated' | 'volume';
        bands: {
          up_to: string;
          /** Credits, with up to twelve decimals. */
          price: string;
        }[];
      };
      /** Credits, with up to twelve decimals. */
      minimum?: string;
    }[];
  } | null;
  /** What it will cost, from when; null from when it is not on sale. */
  upcoming: {
    valid_from: string;
    price: {
      rule: string;
      version: number;
      /** For whom this price is. */
      scope: 'customer' | 'plan' | 'general';
      components: {
        code: string;
        label: string;
        unit: string;
        charge: 'flat' | 'per_unit';
        /** Credits, with up to twelve decimals. */
        price: string;
        step?: string;
        tiers?: {
          period: 'hour' | 'day' | 'week' | 'month' | 'all';
          mode: 'graduated' | 'volume';
          bands: {
            up_to: string;
            /** Credits, with up to twelve decimals. */
            price: string;
          }[];
        };
        /** Credits, with up to twelve decimals. */
        minimum?: string;
      }[];
    } | null;
  }[];
}
export interface QuoteRequest {
  /** The product's own id of its customer. With a key of the service. */
  customer?: string | undefined;
  /** Or the slug of a workspace with members. */
  workspace?: string | undefined;
  /** The code of an operation in the price book. */
  operation: string;
  /** A decimal above 0, in the unit of the operation. */
  quantity: string;
  /** How much there was of components of the price that are measured by themselves, by code; the others take the quantity. */
  components?: Record<string, string> | undefined;
  /** Who used it, as the product calls them. */
  on_behalf_of?: string | undefined;
  /** Take what there is when it is not enough. */
  allow_partial?: boolean | undefined;
  /** For how long the price is kept for a debit or hold. */
  lock_seconds?: number | undefined;
}
export interface QuoteAnswer {
  /** The id of the wallet. */
  wallet: string;
  customer?: string;
  workspace?: string;
  operation: string;
  quantity: string;
  /** Whether it would be charged now. */
  allowed: boolean;
  /** What it would be charged, or else what it costs. */
  amount: string;
  /** Credits, as a decimal string. */
  list_amount?: string;
  lines: {
    component: string;
    label: string;
    unit: string;
    quantity: string;
    /** Credits a unit, with up to twelve decimals. */
    price: string;
    /** Credits, as a decimal string. */
    amount: string;
  }[];
  rule: { id: string; version: number } | null;
  /** Credits, as a decimal string. */
  available: string;
  /** Credits, as a decimal string. */
  available_after: string;
  /** The problem that the debit would be answered with. */
  refusal?: { status: number; code: string; detail: string; [member: string]: unknown };
  /** Brought by a debit or hold, it is its price. */
  quote?: string;
  expires_at?: string;
}
/** What is told with every change: whether this is the first answer to its key again. */
export interface Replayable {
  replayed: boolean;
}
/** Each call by its name. */
export interface Calls {
  debit: { request: DebitRequest; answer: DebitAnswer & Replayable };
  hold: { request: HoldRequest; answer: HoldAnswer & Replayable };
  extend: { request: ExtendRequest; answer: ExtendAnswer & Replayable };
  capture: { request: CaptureRequest; answer: CaptureAnswer & Replayable };
  release: { request: ReleaseRequest; answer: ReleaseAnswer & Replayable };
  holds: { request: HoldsRequest; answer: HoldsAnswer };
  holdById: { request: HoldByIdRequest; answer: HoldByIdAnswer };
  refund: { request: RefundRequest; answer: RefundAnswer & Replayable };
  correct: { request: CorrectRequest; answer: CorrectAnswer & Replayable };
  balance: { request: BalanceRequest; answer: BalanceAnswer };
  entries: { request: EntriesRequest; answer: EntriesAnswer };
  entry: { request: EntryRequest; answer: EntryAnswer };
  lots: { request: LotsRequest; answer: LotsAnswer };
  lot: { request: LotRequest; answer: LotAnswer };
  statement: { request: StatementRequest; answer: StatementAnswer };
  usage: { request: UsageRequest; answer: UsageAnswer };
  grant: { request: GrantRequest; answer: GrantAnswer & Replayable };
  saveCustomer: { request: SaveCustomerRequest; answer: SaveCustomerAnswer };
  customers: { request: CustomersRequest; answer: CustomersAnswer };
  customer: { request: CustomerRequest; answer: CustomerAnswer };
  link: { request: LinkRequest; answer: LinkAnswer };
  operations: { request: OperationsRequest; answer: OperationsAnswer };
  operation: { request: OperationRequest; answer: OperationAnswer };
  quote: { request: QuoteRequest; answer: QuoteAnswer };
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
